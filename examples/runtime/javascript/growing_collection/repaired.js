const visits = [];

function serve(message) {
  visits.push(message);
  while (visits.length > 100) visits.shift();
  return visits;
}

exports.serve = serve;
