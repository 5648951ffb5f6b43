// Jest loads every module anew for each file of tests, and has V8 compile it anew: of the time that a file's imports take,
// that is half. Here a worker compiles a module once, and takes what V8 made of it for the files that follow.
const vm = require("node:vm");
const { TestEnvironment } = require("jest-environment-node");
const { starter } = require("./starter.cjs");

const { compileFunction } = vm;

/**
 * What V8 made of a module, by the module's text. It is copied: V8's own buffer belongs to the file that compiled the module first,
 * and would keep all that this file had in memory.
 */
const compiled = new Map();

vm.compileFunction = (code, params, options) => {
  const cachedData = compiled.get(code);
  if (cachedData) return compileFunction(code, params, { ...options, cachedData });
  const made = compileFunction(code, params, { ...options, produceCachedData: true });
  if (made.cachedData) compiled.set(code, Buffer.from(made.cachedData));
  return made;
};

module.exports = class extends TestEnvironment {
  constructor(...args) {
    super(...args);
    this.global.starter = starter;
  }
};
