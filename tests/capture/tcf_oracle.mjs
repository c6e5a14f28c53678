// Generates consent strings with @iabtcf/core (data/package.json), and broken ones made from them, and prints what that
// library reads of each as JSON lines: {"text", "kind", "malformed"} or {"text", "kind", "consents", ...}.
// Usage: node tcf_oracle.mjs <seed> <count>
import {createRequire} from 'node:module';

const require = createRequire(new URL('../../data/package.json', import.meta.url));
const {TCModel, TCString, GVL, Segment, PurposeRestriction, RestrictionType} = require('@iabtcf/core');

let state = BigInt(process.argv[2] ?? 1);
const count = Number(process.argv[3] ?? 500);

// splitmix64, so that a failure can be had again.
function next() {
  state = (state + 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn;
  let z = state;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & 0xffffffffffffffffn;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & 0xffffffffffffffffn;
  return Number((z ^ (z >> 31n)) & 0x1fffffffffffffn);
}
const below = (n) => next() % n;
const chance = (percent) => below(100) < percent;

const kMaxVendor = 900;
const purposes = {};
const features = {};
for (let i = 1; i <= 11; ++i) purposes[i] = {id: i, name: `p${i}`, description: '', descriptionLegal: '', illustrations: []};
for (let i = 1; i <= 2; ++i) features[i] = {id: i, name: `s${i}`, description: '', descriptionLegal: '', illustrations: []};
const vendors = {};
for (let i = 1; i <= kMaxVendor; ++i) {
  vendors[i] = {id: i, name: `v${i}`, purposes: [1, 7, 9], legIntPurposes: [2, 8, 10], flexiblePurposes: [2, 7, 9, 10],
                specialPurposes: [], features: [], specialFeatures: [1], policyUrl: '', usesCookies: true,
                cookieMaxAgeSeconds: 1, cookieRefresh: false, usesNonCookieAccess: false};
}
function makeList() {
  return new GVL({gvlSpecificationVersion: 3, vendorListVersion: 48, tcfPolicyVersion: 4 + below(2),
                  lastUpdated: '2024-01-01T00:00:00Z', purposes, specialPurposes: {}, features: {},
                  specialFeatures: features, stacks: {}, vendors, dataCategories: {}});
}

function pick(set, highest, percent) {
  for (let i = 1; i <= highest; ++i) if (chance(percent)) set.set(i);
}
// Dense sets encode as bit fields, runs and single ids as ranges.
function pickVendors(set) {
  const shape = below(5);
  if (shape === 0) return;
  if (shape === 1) return pick(set, 1 + below(kMaxVendor), 50);
  if (shape === 2) { for (let i = 0; i < 1 + below(6); ++i) set.set(1 + below(kMaxVendor)); return; }
  if (shape === 3) { for (let i = 1; i <= kMaxVendor; ++i) set.set(i); return; }
  for (let i = 0; i < 1 + below(4); ++i) {
    const first = 1 + below(kMaxVendor - 50);
    for (let id = first; id < first + 1 + below(50); ++id) set.set(id);
  }
}

function makeString() {
  const model = new TCModel(makeList());
  model.cmpId = 2 + below(300);
  model.cmpVersion = 1 + below(60);
  model.consentScreen = below(60);
  model.consentLanguage = ['EN', 'DE', 'FR', 'ZH'][below(4)];
  model.publisherCountryCode = ['DE', 'AA', 'SG', 'GB'][below(4)];
  model.isServiceSpecific = chance(50);
  model.useNonStandardTexts = chance(20);
  model.purposeOneTreatment = chance(20);
  model.supportOOB = false;
  pick(model.purposeConsents, 11, 60);
  pick(model.purposeLegitimateInterests, 11, 40);
  model.purposeLegitimateInterests.unset(1);
  pick(model.specialFeatureOptins, 2, 50);
  pickVendors(model.vendorConsents);
  pickVendors(model.vendorLegitimateInterests);
  if (chance(50)) pickVendors(model.vendorsDisclosed);
  if (chance(50)) {
    pick(model.publisherConsents, 11, 50);
    pick(model.publisherLegitimateInterests, 11, 50);
    model.numCustomPurposes = below(5);
  }
  if (model.isServiceSpecific) {
    for (let i = 0; i < below(8); ++i) {
      const restriction = new PurposeRestriction(
          [2, 7, 9, 10][below(4)],
          [RestrictionType.NOT_ALLOWED, RestrictionType.REQUIRE_CONSENT, RestrictionType.REQUIRE_LI][below(3)]);
      model.publisherRestrictions.add(1 + below(kMaxVendor), restriction);
    }
  }
  const segments = [Segment.CORE];
  if (chance(50)) segments.push(Segment.VENDORS_DISCLOSED);
  if (chance(40)) segments.push(Segment.PUBLISHER_TC);
  return TCString.encode(model, {isForVendors: true, version: 2, segments});
}

const kAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const mutations = {
  cut: (text) => text.slice(0, below(text.length)),
  character: (text) => { const at = below(text.length); return text.slice(0, at) + '!$ =+/%'[below(7)] + text.slice(at + 1); },
  version: (text) => 'ABDEFG_'[below(7)] + text.slice(1),
  flipped: (text) => { const at = below(text.length); return text.slice(0, at) + kAlphabet[below(64)] + text.slice(at + 1); },
  dots: (text) => text + '.'.repeat(1 + below(3)),
  segment: (text) => text + '.' + kAlphabet[below(64)] + kAlphabet[below(64)],
};

const kProbes = [1, 2, 3, 10, 42, 100, 255, 256, 500, 800, 899, 900, 901, 5000];

function read(text) {
  let model;
  try {
    model = TCString.decode(text);
  } catch {
    return {malformed: true};
  }
  const bits = (set) => { let mask = 0; for (let i = 1; i <= 24; ++i) if (set.has(i)) mask += 2 ** (i - 1); return mask; };
  const restrictions = [];
  for (const vendor of kProbes) {
    for (const restriction of model.publisherRestrictions.getRestrictions(vendor)) {
      restrictions.push([vendor, restriction.purposeId, restriction.restrictionType]);
    }
  }
  return {version: Number(model.version), policy: Number(model.policyVersion), consents: bits(model.purposeConsents), interests: bits(model.purposeLegitimateInterests),
          features: bits(model.specialFeatureOptins),
          vendors: kProbes.filter((id) => model.vendorConsents.has(id)),
          vendorInterests: kProbes.filter((id) => model.vendorLegitimateInterests.has(id)), restrictions};
}

console.log(JSON.stringify({probes: kProbes}));
for (let i = 0; i < count; ++i) {
  const text = makeString();
  console.log(JSON.stringify({text, kind: 'good', ...read(text)}));
  const kinds = Object.keys(mutations);
  const kind = kinds[i % kinds.length];
  const broken = mutations[kind](text);
  console.log(JSON.stringify({text: broken, kind, ...read(broken)}));
}
