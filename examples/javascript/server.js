// A server that keeps every response that it ever sent.

const http = require("node:http");

const answers = new Map();

function answer(request) {
  const key = `${request.method} ${request.url} ${Date.now()}`;
  const body = JSON.stringify({ url: request.url, headers: request.headers });
  answers.set(key, body);
  return body;
}

http.createServer((request, response) => response.end(answer(request))).listen(8080);
