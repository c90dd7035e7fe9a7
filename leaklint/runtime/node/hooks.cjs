"use strict";
// Loader hooks for ES modules; they run in a thread of their own.

const { changed, resolved } = require("./changed.cjs");

let plan = { watches: [], files: {} };

exports.initialize = async (data) => {
  plan = data;
};

exports.resolve = async (name, context, next) => resolved(plan, name) || next(name, context);

exports.load = async (url, context, next) => changed(plan, url, await next(url, context));
