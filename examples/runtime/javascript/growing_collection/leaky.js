const visits = [];

function serve(message) {
  visits.push({ message, at: Date.now() });
  return visits;
}

exports.serve = serve;
