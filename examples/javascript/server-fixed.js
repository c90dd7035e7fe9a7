// The same server, with room for a hundred answers.

const http = require("node:http");

const answers = new Map();

function answer(request) {
  const key = `${request.method} ${request.url}`;
  const known = answers.get(key);
  if (known) return known;
  const body = JSON.stringify({ url: request.url });
  if (answers.size >= 100) answers.delete(answers.keys().next().value);
  answers.set(key, body);
  return body;
}

http.createServer((request, response) => response.end(answer(request))).listen(8080);
