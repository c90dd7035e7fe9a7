"use strict";
// Loader hooks for ES modules; they run in a thread of their own.

const { changed, resolved, standIn } = require("./changed.cjs");

let plan = { watches: [], files: {} };

exports.initialize = async (data) => {
  plan = data;
};

exports.resolve = async (name, context, next) => {
  try {
    return resolved(plan, name) || (await next(name, context));
  } catch (error) {
    return standIn(plan, name, context, error);
  }
};

exports.load = async (url, context, next) => changed(plan, url, await next(url, context));
