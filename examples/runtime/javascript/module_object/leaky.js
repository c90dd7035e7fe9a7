const sessions = {};

function serve(user) {
  sessions[user] = { user, seen: 1 };
  return sessions[user];
}

module.exports = { serve };
