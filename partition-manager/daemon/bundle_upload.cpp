#include "partition-manager/daemon/bundle_upload.hpp"

namespace bulkhead::daemon {
namespace {

constexpr std::size_t chunk_limit = std::size_t{64} * 1024;

class OnlyOne {
  public:
    explicit OnlyOne(std::atomic_flag& busy) : busy_(busy), mine_(!busy.test_and_set()) {}
    OnlyOne(const OnlyOne&) = delete;
    OnlyOne& operator=(const OnlyOne&) = delete;
    ~OnlyOne() {
        if (mine_) busy_.clear();
    }
    bool mine() const { return mine_; }

  private:
    std::atomic_flag& busy_;
    bool mine_;
};

}  // namespace

Result<images::IncomingBundle::Stored> receive_bundle(const Bundles& bundles,
                                                      const grpc::ServerContext& context,
                                                      grpc::ServerReader<v1alpha1::BundleChunk>& reader,
                                                      std::atomic_flag& busy) {
    const OnlyOne turn(busy);
    if (!turn.mine())
        return fail(Code::unavailable, "another bundle is being pushed", {}, {}, "try again in a moment");
    BULKHEAD_TRY_ASSIGN(auto incoming, bundles.begin());
    v1alpha1::BundleChunk chunk;
    while (reader.Read(&chunk)) {
        if (chunk.data().size() > chunk_limit)
            return fail(Code::invalid, "a chunk has " + std::to_string(chunk.data().size()) + " bytes", {},
                        "at most 64 KiB");
        BULKHEAD_TRY(incoming.add(chunk.data()));
    }
    if (context.IsCancelled()) return fail(Code::unavailable, "the caller went away");
    return incoming.store();
}

}  // namespace bulkhead::daemon
