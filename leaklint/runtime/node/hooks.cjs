"use strict";
// Loader hooks for ES modules; they run in a thread of their own.

const { changed } = require("./changed.cjs");

let plan = { watches: [], files: {} };

exports.initialize = async (data) => {
  plan = data;
};

exports.load = async (url, context, next) => changed(plan, url, await next(url, context));
