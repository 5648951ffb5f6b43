const { isBallast } =
  jest.requireActual<typeof import("../../tools/ballast.js", { with: { "resolution-mode": "import" }})>(
    "../../tools/ballast",
  );

const files = new Set(["static/a/ui.js", "static/a/ui.min.js", "static/a/own.js", "static/a/own.css"]);

test.each([
  "lib/bin/gunicorn",
  "lib/django-5.2.19.dist-info/RECORD",
  "lib/faker/proxy.py",
  "lib/haystack/tests/test_query.py",
  "lib/django/conf/locale/de/LC_MESSAGES/django.mo",
  "lib/django/conf/locale/de_CH/formats.py",
  "lib/babel/locale-data/de_AT.dat",
  "lib/django/contrib/gis/geos/point.py",
  "lib/phonenumbers/geodata/data1.py",
  "lib/oscar/static/oscar/css/styles.css",
  "shop/static/shop/shop.css",
  "static/a/ui.min.js.map",
  "static/a/ui.js",
])("%s stays behind", (file) => {
  expect(isBallast(file, files)).toBe(true);
});

test.each([
  "manage.py",
  "lib/django/test/signals.py",
  "lib/django/conf/locale/en_GB/formats.py",
  "lib/django-5.2.19.dist-info/METADATA",
  "lib/django/conf/locale/__init__.py",
  "lib/babel/locale-data/root.dat",
  "lib/babel/locale-data/en_GB.dat",
  "lib/phonenumbers/data/region_DE.py",
  "lib/django/contrib/staticfiles/finders.py",
  "lib/whitenoise/middleware.py",
  "shop/templates/shop/home.html",
  "static/a/ui.min.js",
  "static/a/own.js",
  "static/a/own.css",
  "static/oscar/img/logo.png",
  "media/products/tent.svg",
])("%s goes along", (file) => {
  expect(isBallast(file, files)).toBe(false);
});
