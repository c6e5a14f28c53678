#include "tests/capture/capture_fixture.h"

#include <fstream>
#include <iterator>

#include "base/encoding.h"
#include "capture/routes.h"

namespace tallystick::capture {
namespace {

base::Uuid id_of(std::string_view text) {
  return base::parse_uuid(text).value();
}

CatalogPartner make_partner(const char* id, const char* slug) {
  CatalogPartner partner;
  partner.id = id_of(id);
  partner.slug = slug;
  partner.network = "awin";
  partner.allowed_hosts = {"shop.example.com", "*.deals.example.net"};
  partner.sub_id_parameter = "clickref";
  partner.public_page = "https://shop.example.com/";
  partner.currency = "EUR";
  return partner;
}

CatalogLink make_link(const CatalogPartner& partner, const char* id, const char* slug, const char* destination) {
  CatalogLink link;
  link.id = id_of(id);
  link.partner_id = partner.id;
  link.slug = slug;
  link.destination = destination;
  return link;
}

}  // namespace

std::string make_event_id(unsigned number) {
  base::Uuid id = id_of("0192f0c1-2222-7000-8000-000000000000");
  id.bytes[14] = static_cast<std::uint8_t>(number >> 8);
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return base::format_uuid(id);
}

std::shared_ptr<Catalog> CaptureFixture::make_catalog() {
  auto catalog = std::make_shared<Catalog>();
  const CatalogPartner acme = make_partner("0192f0c1-aaaa-7000-8000-000000000001", "acme");
  catalog->add(make_link(acme,
                         "0192f0c1-bbbb-7000-8000-000000000001",
                         "shoes",
                         "https://shop.example.com/shoes?p={placement}&s={session}&x={sub}"));
  catalog->add(make_link(acme, "0192f0c1-bbbb-7000-8000-000000000002", "evil", "https://shop.example.com.evil.test/"));
  CatalogLink resting = make_link(acme, "0192f0c1-bbbb-7000-8000-000000000003", "resting", "https://shop.example.com/");
  resting.is_paused = true;
  catalog->add(std::move(resting));
  catalog->add(acme);
  CatalogPartner paused = make_partner("0192f0c1-aaaa-7000-8000-000000000002", "paused");
  paused.is_paused = true;
  catalog->add(make_link(paused, "0192f0c1-bbbb-7000-8000-000000000004", "shoes", "https://shop.example.com/"));
  catalog->add(paused);
  CatalogPartner slow = make_partner("0192f0c1-aaaa-7000-8000-000000000003", "slow");
  slow.throttle_per_second = 2;
  catalog->add(make_link(slow, "0192f0c1-bbbb-7000-8000-000000000005", "shoes", "https://shop.example.com/"));
  catalog->add(slow);
  CatalogPartner strict = make_partner("0192f0c1-aaaa-7000-8000-000000000004", "strict");
  strict.postback_secret = "s3cret";
  catalog->add(strict);
  CatalogPartner fenced = make_partner("0192f0c1-aaaa-7000-8000-000000000005", "fenced");
  fenced.postback_sources = {base::parse_cidr("203.0.113.0/24").value()};
  catalog->add(fenced);
  CatalogPartner repeating = make_partner("0192f0c1-aaaa-7000-8000-000000000006", "repeating");
  repeating.allows_duplicate_postbacks = true;
  catalog->add(repeating);

  CatalogPlacement placement;
  placement.id = id_of(kPlacementId);
  placement.slug = "home-top";
  catalog->add(placement);
  placement.id = id_of(kTokenPlacementId);
  placement.slug = "guarded";
  placement.requires_token = true;
  catalog->add(placement);
  CatalogMerchant merchant;
  merchant.id = id_of(kMerchantId);
  merchant.slug = "boots";
  catalog->add(merchant);
  catalog->add(CatalogExposureUnit{id_of(kUnitId), merchant.id});
  catalog->add(CatalogKey{"key-1", crypto::sha256(kApiKey), {"conversions:write"}});
  catalog->add(CatalogKey{"key-2", crypto::sha256(kReadOnlyKey), {"partners:read"}});
  return catalog;
}

void CaptureFixture::SetUp() {
  keys_ = crypto::KeyRing::open(directory_.path() / "keys", clock_, random_).value();
  crypto::Ed25519Seed seed{};
  seed.fill(7);
  log_key_ = std::make_unique<crypto::Ed25519Key>(seed);
  catalog_.set(make_catalog());
  add_routes(router_);
  start();
}

void CaptureFixture::start(const Setup& setup) {
  journal::Options options;
  options.directory = directory_.path() / "journal";
  options.max_queued_bytes = setup.max_queued_bytes;
  options.segment_bytes = 1 << 20;
  auto opened = journal::Journal::open(options, clock_, random_, *log_key_);
  ASSERT_TRUE(opened.has_value()) << opened.error().message;
  journal_ = *std::move(opened);
  judge_ = std::make_unique<quality::Judge>(1);
  capture_ =
      std::make_unique<Capture>(CaptureRooms{*journal_, *judge_, *keys_, catalog_, clock_, random_}, setup.settings);
  http::ServerOptions server_options;
  server_options.address = "127.0.0.1";
  server_options.port = 0;
  server_options.reactors = setup.reactors;
  server_options.workers = 1;
  auto started = http::Server::start(server_options, router_, gatekeeper_, capture_->worker_factory());
  ASSERT_TRUE(started.has_value()) << started.error().message;
  server_ = *std::move(started);
}

void CaptureFixture::stop() {
  server_.reset();
  capture_.reset();
  judge_.reset();
  journal_.reset();
}

std::string CaptureFixture::sign(const LinkParts& parts) const {
  LinkRequest request{.partner = parts.partner,
                      .link = parts.link,
                      .event_id = id_of(parts.event_id),
                      .expires_at = clock_.now() + parts.lifetime_us,
                      .parameters = parts.parameters};
  base::SystemRandom random;
  return make_signed_link(request, *keys_, clock_.now(), random).value().target;
}

support::RawAnswer CaptureFixture::send(std::string_view method,
                                        std::string_view target,
                                        std::string_view headers,
                                        std::string_view body) const {
  support::RawConnection connection(server_->port());
  auto answer = connection.exchange(method, target, headers, body);
  return answer ? *std::move(answer) : support::RawAnswer{};
}

support::RawAnswer CaptureFixture::get(std::string_view target, std::string_view headers) const {
  return send("GET", target, "User-Agent: " + std::string(kBrowser) + "\r\n" + std::string(headers));
}

support::RawAnswer CaptureFixture::post(std::string_view target,
                                        std::string_view body,
                                        std::string_view headers) const {
  return send("POST", target, "User-Agent: " + std::string(kBrowser) + "\r\n" + std::string(headers), body);
}

void CaptureFixture::settle() {
  const auto answer = get("/postback/repeating?txid=settle-" + std::to_string(++settled_));
  ASSERT_EQ(answer.status, 200);
}

std::vector<StoredRecord> CaptureFixture::records() const {
  std::vector<StoredRecord> all;
  const auto reader = journal_->make_reader(0);
  journal::Record record;
  while (reader->next(record, 0).value()) {
    all.push_back(
        {record.sequence, record.kind, record.event_id, std::string(record.fields), std::string(record.personal)});
  }
  return all;
}

std::vector<StoredRecord> CaptureFixture::records(journal::RecordKind kind) const {
  auto all = records();
  std::erase_if(all, [&](const StoredRecord& record) { return record.kind != kind; });
  return all;
}

bool CaptureFixture::has_bytes_on_disk(std::string_view bytes) const {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_.path() / "journal")) {
    if (!entry.is_regular_file()) {
      continue;
    }
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (content.find(bytes) != std::string::npos) {
      return true;
    }
  }
  return false;
}

std::string CaptureFixture::impression(std::string_view event_id, std::string_view more) const {
  return "{\"event_id\":\"" + std::string(event_id) + "\",\"placement_id\":\"home-top\",\"occurred_at\":\"" +
         now_text() + "\"" + std::string(more) + "}";
}

std::string CaptureFixture::exposure(std::string_view event_id, std::string_view more) const {
  return "{\"event_id\":\"" + std::string(event_id) + "\",\"placement_id\":\"" + std::string(kPlacementId) +
         "\",\"merchant_id\":\"" + std::string(kMerchantId) + "\",\"exposure_type\":\"banner\",\"timestamp\":\"" +
         now_text() + "\"" + std::string(more) + "}";
}

}  // namespace tallystick::capture
