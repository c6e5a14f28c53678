#pragma once
// Brings changes of partners, links, placements, merchants, exposure units and keys to the capture path: loads all of
// it when a revision has moved, and swaps the snapshot. catalog() is thread-safe; refresh() belongs to one thread.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/error.h"
#include "capture/catalog.h"
#include "exposure/service.h"
#include "partners/service.h"

namespace tallystick::server {

class CatalogRefresher final : public capture::CatalogSource {
 public:
  // Keys and the number that every change of them counts up.
  struct Keys {
    std::function<base::Result<std::int64_t>()> revision;
    std::function<base::Result<std::vector<capture::CatalogKey>>()> load_all;
  };

  // The services must outlive it.
  CatalogRefresher(partners::PartnerService& partners, exposure::ExposureService& exposure, Keys keys);

  // True when a new snapshot took effect.
  [[nodiscard]] base::Result<bool> refresh();

  [[nodiscard]] std::shared_ptr<const capture::Catalog> catalog() const override;
  [[nodiscard]] bool is_loaded() const { return is_loaded_; }

 private:
  struct Revisions {
    std::int64_t partners = 0;
    std::int64_t exposure = 0;
    std::int64_t keys = 0;
    friend bool operator==(const Revisions&, const Revisions&) = default;
  };

  partners::PartnerService& partners_;
  exposure::ExposureService& exposure_;
  Keys keys_;
  std::optional<Revisions> seen_;
  std::atomic<bool> is_loaded_ = false;
  mutable std::mutex mutex_;
  std::shared_ptr<const capture::Catalog> catalog_ = std::make_shared<const capture::Catalog>();
};

}  // namespace tallystick::server
