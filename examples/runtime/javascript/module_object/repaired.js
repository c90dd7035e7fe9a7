const sessions = {};

function serve(user) {
  sessions[user] = { user, seen: 1 };
  const answer = { ...sessions[user] };
  delete sessions[user];
  return answer;
}

module.exports = { serve };
