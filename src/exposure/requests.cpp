#include "exposure/requests.h"

#include <initializer_list>

#include "access/json_members.h"

namespace tallystick::exposure {
namespace {

using access::JsonMembers;

PlacementChange take_placement_change(JsonMembers& members) {
  PlacementChange change;
  change.name = members.take_text("name");
  change.max_slots = members.take_integer("max_slots");
  change.countries = members.take_texts("countries");
  change.vertical = members.take_text("vertical");
  change.requires_token = members.take_boolean("requires_token");
  return change;
}

MerchantChange take_merchant_change(JsonMembers& members) {
  return {.name = members.take_text("name")};
}

ExposureUnitChange take_exposure_unit_change(JsonMembers& members) {
  ExposureUnitChange change;
  change.name = members.take_text("name");
  change.exposure_type = members.take_parsed("exposure_type", parse_exposure_type);
  return change;
}

template <typename Change>
base::Result<Draft<Change>> parse_draft(std::string_view body,
                                        std::initializer_list<std::string_view> required,
                                        bool has_slug,
                                        Change (*take_change)(JsonMembers&)) {
  TALLY_ASSIGN(auto members, JsonMembers::parse(body));
  for (const auto name : required) {
    members.require(name);
  }
  Draft<Change> draft;
  if (has_slug) {
    draft.slug = members.take_text("slug").value_or("");
  }
  draft.change = take_change(members);
  TALLY_TRY(members.finish());
  return draft;
}

template <typename Change>
base::Result<Change> parse_change(std::string_view body, Change (*take_change)(JsonMembers&)) {
  TALLY_ASSIGN(auto draft, parse_draft(body, {}, false, take_change));
  return draft.change;
}

}  // namespace

base::Result<Draft<PlacementChange>> parse_placement_draft(std::string_view body) {
  return parse_draft(body, {"slug", "name"}, true, take_placement_change);
}

base::Result<Draft<MerchantChange>> parse_merchant_draft(std::string_view body) {
  return parse_draft(body, {"slug", "name"}, true, take_merchant_change);
}

base::Result<ExposureUnitChange> parse_exposure_unit_draft(std::string_view body) {
  TALLY_ASSIGN(auto draft, parse_draft(body, {"name", "exposure_type"}, false, take_exposure_unit_change));
  return draft.change;
}

base::Result<PlacementChange> parse_placement_change(std::string_view body) {
  return parse_change(body, take_placement_change);
}

base::Result<MerchantChange> parse_merchant_change(std::string_view body) {
  return parse_change(body, take_merchant_change);
}

base::Result<ExposureUnitChange> parse_exposure_unit_change(std::string_view body) {
  return parse_change(body, take_exposure_unit_change);
}

}  // namespace tallystick::exposure
