#include "capture/consent.h"

#include <algorithm>

#include "capture/tcf.h"

namespace tallystick::capture {
namespace {

constexpr unsigned kStoreAndAccess = 1;
constexpr unsigned kMeasureAdvertising = 7;
constexpr unsigned kUnderstandAudiences = 9;
constexpr unsigned kImproveServices = 10;

// A restriction that forbids the purpose, or asks for a legal basis other than consent, is a refusal: consent is
// the only basis this product stores personal data on.
bool may_use(const TcfConsent& tcf, unsigned purpose, bool has_vendor) {
  if (!tcf.has_purpose(purpose)) {
    return false;
  }
  const auto& restriction = tcf.restrictions[purpose - 1];
  return !has_vendor || !restriction || *restriction == TcfRestriction::kRequireConsent;
}

journal::Consent decide_tcf(std::string_view text, unsigned vendor_id) {
  journal::Consent consent{.basis = journal::ConsentBasis::kTcf};
  const auto tcf = parse_tcf(text, vendor_id);
  if (!tcf) {
    return consent;
  }
  const bool has_vendor = vendor_id != 0;
  if ((has_vendor && !tcf->has_vendor_consent) || !may_use(*tcf, kStoreAndAccess, has_vendor)) {
    return consent;
  }
  consent.has_analytics = may_use(*tcf, kMeasureAdvertising, has_vendor);
  consent.has_marketing =
      may_use(*tcf, kUnderstandAudiences, has_vendor) && may_use(*tcf, kImproveServices, has_vendor);
  return consent;
}

}  // namespace

journal::Consent decide_consent(const ConsentSignals& signals, const ConsentSettings& settings) {
  if (signals.global_privacy_control == "1") {
    return {.basis = journal::ConsentBasis::kGpc};
  }
  if (signals.gdpr == "1") {
    return decide_tcf(signals.tcf, settings.vendor_id);
  }
  if (signals.analytics || signals.marketing) {
    return {.has_analytics = signals.analytics.value_or(false),
            .has_marketing = signals.marketing.value_or(false),
            .basis = journal::ConsentBasis::kExplicit};
  }
  return {.has_analytics = settings.default_analytics,
          .has_marketing = settings.default_marketing,
          .basis = journal::ConsentBasis::kDefault};
}

void parse_consent_words(std::string_view words, ConsentSignals& out) {
  bool has_analytics = false;
  bool has_marketing = false;
  bool is_none = false;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(','), words.size());
    const std::string_view word = words.substr(0, end);
    words.remove_prefix(std::min(end + 1, words.size()));
    if (word == "analytics") {
      has_analytics = true;
    } else if (word == "marketing") {
      has_marketing = true;
    } else if (word == "none") {
      is_none = true;
    } else {
      return;
    }
  }
  if (is_none || has_analytics || has_marketing) {
    out.analytics = has_analytics && !is_none;
    out.marketing = has_marketing && !is_none;
  }
}

}  // namespace tallystick::capture
