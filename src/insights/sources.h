#pragma once
// Where figures come from, as subqueries: the aggregates for whole hours and days of the period, the events and their
// revisions for its edges. Each has the same columns wherever the rows come from, `class` being the verdict as revised
// (0 valid, 1 suspect, 2 GIVT, 3 SIVT). A filter is SQL of this program, never of a request: values travel as
// parameters. Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "insights/period.h"

namespace tallystick::insights {

// What `at` is for: figures that are added up may come from hours of UTC in any zone, figures by the zone's hours or
// days only where its hours are the same.
enum class Grouping : std::uint8_t { kNone, kLocalTime };

// at, placement_id, partner_id, class, impressions, measurable, viewable. Filter: placement_id, partner_id.
[[nodiscard]] std::string placement_hours(const Coverage& coverage,
                                          std::string_view filter,
                                          Grouping grouping = Grouping::kNone);
// at, partner_id, link_id, placement_id, merchant_id, class, clicks, forwarded, failed. Filter: those ids.
[[nodiscard]] std::string click_hours(const Coverage& coverage,
                                      std::string_view filter,
                                      Grouping grouping = Grouping::kNone);
// placement_id, merchant_id, class, impressions, rank_sum, rank_count of impressions that name a merchant. Filter:
// placement_id, merchant_id.
[[nodiscard]] std::string exposure_days(const Coverage& coverage, std::string_view filter);

// placement_id, merchant_id, sketch: states of uniqCombined64(14) over users, of verdicts in the basis. Filter as
// above.
[[nodiscard]] std::string exposure_user_sketches(const Coverage& coverage, std::string_view filter);
[[nodiscard]] std::string placement_user_sketches(const Coverage& coverage);

// placement_id, span (a week or a day of UTC), span_sessions (a session counts once a day), span_shown (merchants that
// they were shown), span_max (the most that one was), of verdicts in the basis.
[[nodiscard]] std::string placement_sessions(const Coverage& coverage);

// The impressions of the period with class as revised: at, placement_id, merchant_id, user, session, class. Reads every
// event: for exact recounts. Filter: placement_id, merchant_id.
[[nodiscard]] std::string exact_impressions(std::string_view filter);

// A condition on rows of impressions, clicks or conversions, of which `kind` says the one: their verdict as revised is
// accepted, such as "<= {max_class:Int8}". `among` holds of every such row and of its revisions, and bounds which of
// those are looked at. Cheaper than a join where few are revised.
[[nodiscard]] std::string verdict_as_revised(std::string_view kind, std::string_view accepted, std::string_view among);

// Which passes of attribution are read: those that were published when the report began, which may be replaced half a
// minute later; or those that are when the statement begins, for whatever may take longer. The views of the latter cost
// as much again.
enum class Passes : std::uint8_t { kOfReport, kPublishedNow };

// placement_id (of the exposure before the click; nil: none), merchant_id, class, clicks of the period, as far as
// attribution has come: `clicks` is to be added up, since a revision takes one back. Filter: those ids.
[[nodiscard]] std::string click_attributions(Passes passes, std::string_view filter);

// Whether any conversion of the warehouse was ever judged anew. Where none was, which is usual, conversions count as
// they were captured: looking for those that were is a sixth of what a statement on revenue costs.
enum class Verdicts : std::uint8_t { kAsCaptured, kAsRevised };

// A row per conversion of the period: conversion_key, at (of its first event), is_reversed, currency_code,
// revenue_minor (0 when reversed), is_counted (the verdicts of all its events, as revised, are in the basis), click,
// partner, merchant (nil: none). Filter: partner_id, merchant_id, click_id.
[[nodiscard]] std::string conversions(Verdicts verdicts, std::string_view filter);

// conversion_key, placement_id, share_merchant, weight_before, weight_after, weight_total under {model}.
[[nodiscard]] std::string conversion_shares(Passes passes, std::string_view filter);

// Text for a part of `amount` by the weights of conversion_shares; what has no share yet is all of it.
[[nodiscard]] std::string part_of(std::string_view amount);

}  // namespace tallystick::insights
