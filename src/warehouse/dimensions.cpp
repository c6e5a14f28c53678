#include "warehouse/dimensions.h"

#include <array>

namespace tallystick::warehouse {

namespace {

constexpr auto kPlacementColumns = std::to_array<BlockColumn>({{"id", ColumnType::kUuid},
                                                               {"slug", ColumnType::kString},
                                                               {"name", ColumnType::kString},
                                                               {"status", ColumnType::kString},
                                                               {"max_slots", ColumnType::kUInt32},
                                                               {"vertical", ColumnType::kString},
                                                               {"version", ColumnType::kUInt64}});

constexpr auto kMerchantColumns = std::to_array<BlockColumn>({{"id", ColumnType::kUuid},
                                                              {"slug", ColumnType::kString},
                                                              {"name", ColumnType::kString},
                                                              {"status", ColumnType::kString},
                                                              {"version", ColumnType::kUInt64}});

constexpr auto kPartnerColumns = std::to_array<BlockColumn>({{"id", ColumnType::kUuid},
                                                             {"slug", ColumnType::kString},
                                                             {"name", ColumnType::kString},
                                                             {"status", ColumnType::kString},
                                                             {"network", ColumnType::kString},
                                                             {"currency", ColumnType::kString},
                                                             {"time_zone", ColumnType::kString},
                                                             {"version", ColumnType::kUInt64}});

constexpr auto kLinkColumns = std::to_array<BlockColumn>({{"id", ColumnType::kUuid},
                                                          {"partner_id", ColumnType::kUuid},
                                                          {"slug", ColumnType::kString},
                                                          {"status", ColumnType::kString},
                                                          {"placement_id", ColumnType::kUuid},
                                                          {"version", ColumnType::kUInt64}});

void append(Block& block, const PlacementRow& row) {
  BlockRow out = block.row();
  out.uuid(row.id).text(row.slug).text(row.name).text(row.status);
  out.uint32(row.max_slots).text(row.vertical).uint64(row.version).end();
}

void append(Block& block, const MerchantRow& row) {
  block.row().uuid(row.id).text(row.slug).text(row.name).text(row.status).uint64(row.version).end();
}

void append(Block& block, const PartnerRow& row) {
  BlockRow out = block.row();
  out.uuid(row.id).text(row.slug).text(row.name).text(row.status);
  out.text(row.network).text(row.currency).text(row.time_zone).uint64(row.version).end();
}

void append(Block& block, const LinkRow& row) {
  BlockRow out = block.row();
  out.uuid(row.id).uuid(row.partner_id).text(row.slug).text(row.status).uuid(row.placement_id);
  out.uint64(row.version).end();
}

template <typename Row>
base::Result<void> save(Client& client,
                        const std::string& table,
                        std::span<const BlockColumn> columns,
                        const std::vector<Row>& rows) {
  Block block(columns);
  for (const Row& row : rows) {
    append(block, row);
  }
  return client.insert(table, block);
}

}  // namespace

base::Result<void> save_dimensions(Client& client, const Layout& layout, const Dimensions& dimensions) {
  TALLY_TRY(save(client, layout.table("placements"), kPlacementColumns, dimensions.placements));
  TALLY_TRY(save(client, layout.table("merchants"), kMerchantColumns, dimensions.merchants));
  TALLY_TRY(save(client, layout.table("partners"), kPartnerColumns, dimensions.partners));
  return save(client, layout.table("links"), kLinkColumns, dimensions.links);
}

}  // namespace tallystick::warehouse
