-- {{integer}} is a 64-bit integer and {{strict}} SQLite's STRICT; see migrations.h for the sections.

CREATE TABLE coupons (
  id TEXT NOT NULL PRIMARY KEY,
  partner_id TEXT NOT NULL REFERENCES partners (id),
  code TEXT NOT NULL,
  discount_kind TEXT NOT NULL CHECK (discount_kind IN ('percent', 'amount', 'free_shipping')),
  -- Basis points of a percentage, minor units of an amount.
  discount_value {{integer}} NOT NULL CHECK (discount_value >= 0),
  currency TEXT NOT NULL,
  -- Zero: never.
  expires_at {{integer}} NOT NULL,
  vertical TEXT NOT NULL,
  locale TEXT NOT NULL,
  is_stackable {{integer}} NOT NULL,
  created_at {{integer}} NOT NULL,
  updated_at {{integer}} NOT NULL,
  version {{integer}} NOT NULL,
  UNIQUE (partner_id, code)
) {{strict}};
CREATE INDEX coupons_by_expiry ON coupons (expires_at) WHERE expires_at > 0;
