const visits = [];

function serve(message) {
  visits.push({ message, at: Date.now() });
  return visits.length;
}

exports.serve = serve;
