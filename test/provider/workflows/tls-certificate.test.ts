import { createPrivateKey, X509Certificate } from "node:crypto";
import { provider } from "../../../provider/index";
import { createCertificate } from "../../../provider/values/tls-certificate";

const tlsCertificate = provider("TlsCertificate");

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const names = ["shop.example.org", "*.shop.example.org", "172.17.111.117", "2001:db8::1"];

test("a certificate for a server's names and addresses", async () => {
  const made = await createCertificate({ names, commonName: "shop", days: 30 });
  const certificate = new X509Certificate(made.certificate);
  expect(certificate.subject).toBe("CN=shop");
  expect(certificate.issuer).toBe("CN=shop");
  expect(certificate.subjectAltName).toBe(
    "DNS:shop.example.org, DNS:*.shop.example.org, IP Address:172.17.111.117, IP Address:2001:DB8:0:0:0:0:0:1",
  );
  expect(certificate.ca).toBe(false);
  expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
  expect(certificate.checkPrivateKey(createPrivateKey(made.privateKey))).toBe(true);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkIP("172.17.111.117")).toBeDefined();
  expect(new Date(certificate.validTo).toISOString()).toBe(made.notAfter);
  const days = (Date.parse(made.notAfter) - Date.now()) / 86400_000;
  expect(days).toBeGreaterThan(29.9);
  expect(days).toBeLessThanOrEqual(30);
});

test.each([
  [{}, "names", "is missing"],
  [{ names: [] }, "names", "at least one"],
  [{ names: ["ok.example", "not a name"] }, "names.1", "neither a DNS name nor an address"],
  [{ names: ["300.1.1.1"] }, "names.0", "neither a DNS name nor an address"],
  [{ names: ["10.1"] }, "names.0", "neither a DNS name nor an address"],
  [{ names: ["010.0.0.1"] }, "names.0", "neither a DNS name nor an address"],
  [{ names, days: 0 }, "days", "1 to 36500"],
  [{ names, days: 10, earlyRenewalDays: 10 }, "earlyRenewalDays", "less than `days`"],
  [{ names, earlyRenewalDays: -1 }, "earlyRenewalDays", "0 or more"],
  [{ names, commonName: "x".repeat(65) }, "commonName", "1 to 64 characters"],
])("%j is refused", async (inputs, property, reason) => {
  const { failures } = await tlsCertificate.check({}, inputs);
  expect(failures).toEqual([{ property, reason: expect.stringContaining(reason) }]);
});

test("defaults, and names that are not known yet", async () => {
  const { inputs, failures } = await tlsCertificate.check({}, { names: ["a.example"] });
  expect([inputs, failures]).toEqual([{ names: ["a.example"], commonName: "a.example", days: 825 }, []]);
  expect((await tlsCertificate.check({}, { names: [UNKNOWN], days: 30 })).failures).toEqual([]);
});

test("is made once: the same again is no change, other names are a replacement", async () => {
  const { inputs } = await tlsCertificate.check({}, { names });
  const { id, outs } = await tlsCertificate.create(inputs);
  expect(id).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  expect(Object.keys(outs).sort()).toEqual(["certificate", "commonName", "days", "names", "notAfter", "privateKey"]);
  expect(await tlsCertificate.diff(id, outs, inputs)).toMatchObject({ changes: false });
  const other = await tlsCertificate.diff(id, outs, { ...inputs, names: ["b.example"] });
  expect(other).toMatchObject({ changes: true, replaces: ["names"] });
  expect(await tlsCertificate.read?.(id, outs)).toEqual({ id, props: outs, inputs });
});

describe("near its end", () => {
  const say = jest.spyOn(console, "log").mockImplementation(() => {});
  beforeEach(() => say.mockClear());
  afterAll(() => say.mockRestore());

  /** What a preview says of a certificate for so many days that ends in so many. */
  async function preview(days: number, left: number, more: object = {}) {
    const { inputs } = await tlsCertificate.check({}, { names: ["a.example"], days, ...more });
    const { id, outs } = await tlsCertificate.create(inputs);
    const notAfter = new Date(Date.now() + left * 86_400_000).toISOString();
    return tlsCertificate.diff(id, { ...outs, notAfter }, inputs);
  }

  test.each([
    [825, 29.5, {}],
    [825, -1, {}],
    [825, 59, { earlyRenewalDays: 60 }],
    [825, -0.1, { earlyRenewalDays: 0 }],
    [7, 1.9, {}],
    [1, -0.1, {}],
  ])("of %d days with %d left, %j: a preview says so, and `up` makes a new one", async (days, left, more) => {
    expect(await preview(days, left, more)).toEqual({
      changes: true,
      replaces: ["notAfter"],
      deleteBeforeReplace: false,
    });
    expect(say).toHaveBeenCalledWith(expect.stringMatching(/the certificate for a\.example end(s|ed) on .*`up` makes/));
  });

  test.each([
    [825, 30.5, {}],
    [825, 29.5, { earlyRenewalDays: 7 }],
    [825, 0.1, { earlyRenewalDays: 0 }],
    [7, 2.1, {}],
    [1, 0.9, {}],
  ])("of %d days with %d left, %j: no change", async (days, left, more) => {
    expect(await preview(days, left, more)).toMatchObject({ changes: false, replaces: [] });
    expect(say).not.toHaveBeenCalled();
  });

  test("a state from before the property shows no change when it is declared, and none when it goes", async () => {
    const { inputs } = await tlsCertificate.check({}, { names: ["a.example"] });
    const { id, outs } = await tlsCertificate.create(inputs);
    expect(outs).not.toHaveProperty("earlyRenewalDays");
    const { inputs: more } = await tlsCertificate.check(inputs, { names: ["a.example"], earlyRenewalDays: 60 });
    expect(await tlsCertificate.diff(id, outs, more)).toMatchObject({ changes: false });
    expect(await tlsCertificate.diff(id, outs, inputs)).toMatchObject({ changes: false });
  });
});
