import { destinationTexts, destinationValues } from "../../provider/model/destination-text";

const read = (text: unknown) => destinationValues({ "10.0.0.11:80": text })["10.0.0.11:80"];

test("a destination's text is read as what it was made of", () => {
  const to = {
    "10.0.0.11:80": { weight: 0, upperThreshold: 100, forwarding: "tun", tunnel: { type: "gue", port: 5555 } },
  };
  expect(destinationTexts(to)["10.0.0.11:80"]).toBe(
    'weight 0, upperThreshold 100, forwarding tun, tunnel {"type":"gue","port":5555}',
  );
  expect(destinationValues(destinationTexts(to))).toEqual(to);
});

test.each(["weight 007", "weight 1x", "weight 2, tunnel {type}", "weight 1, weight 2", "weight 2,", "", "2"])(
  'a text that is none of ours is left for the schema to refuse: "%s"',
  (text) => expect(read(text)).toBe(text),
);
