#pragma once
// What is asked of the warehouse, as SQL of this program with parameters:
//   {partner}: UUID; {from} {to}: DateTime64(6, 'UTC'); {logs}: Array(UInt32), {ends}: Array(UInt64), the position
//   {slices} {slice}: UInt32, where a part of the conversions is asked for
// The warehouse's clients refuse long URLs, so lists of ids stand in the SQL itself, each written from its sixteen
// bytes. Pure.

#include <span>
#include <string>

#include "base/uuid.h"

namespace tallystick::settlement {

// One row: events, the number of conversion events of the period that may be the partner's.
[[nodiscard]] std::string count_conversions_sql();

// A row per conversion of the partner: conversion_key, at (of its first event), status, currency_code, amount_minor,
// commission_minor, click_id, order_name, transaction_name, sub_name, class (the worst of its events, as revised),
// click_class (as revised; 0 without a click), link_id. The first: those that began in the period, a slice of them; the
// second: those of these clicks, whenever they began.
[[nodiscard]] std::string conversions_of_period_sql();
[[nodiscard]] std::string conversions_of_clicks_sql(std::span<const base::Uuid> clicks);

// Which of these clicks have conversions that may be the partner's: click_id.
[[nodiscard]] std::string converted_clicks_sql(std::span<const base::Uuid> clicks);

// Clicks of the partner by id: event_id, occurred_at, link_id, class (as revised).
[[nodiscard]] std::string clicks_sql(std::span<const base::Uuid> clicks);

// One row: gross, net of the partner's clicks of the period.
[[nodiscard]] std::string click_figures_sql();

}  // namespace tallystick::settlement
