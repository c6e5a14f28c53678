#pragma once
// One record as it is read back. Views into the reader's buffer: valid until its next call.

#include <cstdint>
#include <string_view>

#include "base/time.h"
#include "base/uuid.h"
#include "journal/event.h"

namespace tallystick::journal {

struct Record {
  std::uint64_t sequence = 0;  // the leaf index
  RecordKind kind = RecordKind::kImpression;
  base::Uuid event_id;
  base::Timestamp received_at;
  std::string_view entry;     // the hashed bytes: header, commitment, fields
  std::string_view fields;    // the part of the entry for decode_<kind>()
  std::string_view personal;  // for decode_personal(); empty when there is none or it was erased
  bool is_erased = false;
};

}  // namespace tallystick::journal
