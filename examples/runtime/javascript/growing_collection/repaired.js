const visits = [];

function serve(message) {
  visits.push({ message, at: Date.now() });
  while (visits.length > 100) visits.shift();
  return visits;
}

exports.serve = serve;
