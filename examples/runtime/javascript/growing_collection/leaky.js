const visits = [];

function serve(message) {
  visits.push(message);
  return visits;
}

exports.serve = serve;
