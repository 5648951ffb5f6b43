/**
 * Stands for a module that is loaded when one of its properties is first asked for.
 *
 * @param {() => object} load
 */
module.exports = (load) => {
  let loaded;
  const whole = () => {
    loaded ??= load();
    return loaded;
  };
  return new Proxy(
    {},
    {
      // Compiled imports ask for `__esModule` at once, and take what says true as it is. Then `default` means the whole.
      get: (_, property) =>
        property === "__esModule" || (property === "default" && !("default" in whole()) ? whole() : whole()[property]),
      has: (_, property) => property in whole(),
      ownKeys: () => Reflect.ownKeys(whole()),
      getOwnPropertyDescriptor: (_, property) => ({
        ...Object.getOwnPropertyDescriptor(whole(), property),
        configurable: true,
      }),
    },
  );
};
