const { movedJson, movedText, movedXml, movesBetween } =
  jest.requireActual<typeof import("../../tools/lab/moves.js", { with: { "resolution-mode": "import" }})>(
    "../../tools/lab/moves",
  );

const moves = [
  { from: "/labs/lvs-1-dr", to: "/labs/lvs-2-dr" },
  { from: "/home/a/.lab/dr", to: "/srv/b/.lab/dr" },
];

test.each([
  ["/labs/lvs-1-dr", "/labs/lvs-2-dr"],
  ["/labs/lvs-1-dr/pool/rs1.qcow2", "/labs/lvs-2-dr/pool/rs1.qcow2"],
  ["qemu:///system?socket=/labs/lvs-1-dr/run/libvirt-sock", "qemu:///system?socket=/labs/lvs-2-dr/run/libvirt-sock"],
  [
    '{"file":"/home/a/.lab/dr/keys/id","pool":"/labs/lvs-1-dr"}',
    '{"file":"/srv/b/.lab/dr/keys/id","pool":"/labs/lvs-2-dr"}',
  ],
])("%s lies in a lab's folders, and moves", (from, to) => expect(movedText(from, moves)).toBe(to));

test.each(["/labs/lvs-1-dr-2/pool", "/labs/lvs-1-dr.old", "/var/labs/lvs-1-dr", "/home/a/.lab/drive", "/home/a"])(
  "%s is another folder, and stays",
  (text) => expect(movedText(text, moves)).toBe(text),
);

test("two folders that change places both arrive", () => {
  const swap = [
    { from: "/a", to: "/b" },
    { from: "/b", to: "/a" },
  ];
  expect(movedText("/a/1 /b/2", swap)).toBe("/b/1 /a/2");
});

test("in XML a folder is written as XML has it", () => {
  const strange = [{ from: "/a & b", to: "/c < d" }];
  expect(movedXml("<source file='/a &amp; b/disk'/>", strange)).toBe("<source file='/c &lt; d/disk'/>");
});

test("in JSON every text moves, wherever it stands, and nothing else changes", () => {
  const value = {
    number: 1,
    none: null,
    list: ["/labs/lvs-1-dr/x", true],
    "/labs/lvs-1-dr": { deep: "at /home/a/.lab/dr" },
  };
  expect(movedJson(value, moves)).toEqual({
    ...{ number: 1, none: null, list: ["/labs/lvs-2-dr/x", true] },
    "/labs/lvs-1-dr": { deep: "at /srv/b/.lab/dr" },
  });
});

test("between two checkouts both folders of a lab move, within one nothing does", () => {
  const [one, other] = [
    { system: "/labs/lvs-1-dr", folder: "/home/a/.lab/dr" },
    { system: "/labs/lvs-2-dr", folder: "/srv/b/.lab/dr" },
  ];
  expect(movesBetween(one, other)).toEqual(moves);
  expect(movesBetween(one, { ...one })).toEqual([]);
});
