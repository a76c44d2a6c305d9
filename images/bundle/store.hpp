// The bundles of this gateway: STATE/bundles/NAME/DIGEST/bundle.tar, and disk.img made of it. What lies there
// was whole when it came; whether it may run is decided for a partition, each time a plan is made.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/fd.hpp"
#include "images/bundle/bundle.hpp"
#include "images/bundle/verdicts.hpp"
#include "images/stamp.hpp"
#include "model/layout.hpp"
#include "model/spec.hpp"

namespace bulkhead::images {

class BundleStore {
  public:
    BundleStore(const model::Layout& layout, const Clock& clock) : layout_(layout), clock_(clock) {}

    // For every partition of the spec with a bundle: its digest is the named one, a key of the partition's
    // tenant signed it, it was made for that tenant, and all the tenant's bundles fit its disk quota beside
    // its volumes. Reads a bundle again only if its file changed; makes disks that are missing, which are a
    // copy and change nothing.
    BundleVerdicts verdicts(const model::Spec& spec);

  private:
    struct Seen {
        Stamp stamp;
        Stamp disk;
        std::string terms;  // under which it was verified
        model::Bundle bundle;
    };

    Result<model::Bundle> verify(const model::BundleReference& reference, const model::Tenant& tenant,
                                 Bytes& room);
    Result<model::Bundle> read_and_verify(const model::BundleReference& reference,
                                          const model::Tenant& tenant, const std::filesystem::path& folder,
                                          const Fd& fd);
    Result<std::string> disk_digest(const Bundle& bundle, const std::filesystem::path& folder);

    const model::Layout& layout_;
    const Clock& clock_;
    std::map<std::filesystem::path, Seen> seen_;
};

// Bytes that the gateway's policy allows.
struct BundleLimits {
    std::uint64_t one = 0;  // of one bundle
    std::uint64_t all = 0;  // of all that lie here
};

// A bundle that is being pushed: written beside, read to its end, then put under its digest. Gone with the
// object unless it was stored.
class IncomingBundle {
  public:
    static Result<IncomingBundle> begin(const model::Layout& layout, BundleLimits limits);
    IncomingBundle(IncomingBundle&&) = default;
    IncomingBundle& operator=(IncomingBundle&&) = delete;
    IncomingBundle(const IncomingBundle&) = delete;
    IncomingBundle& operator=(const IncomingBundle&) = delete;
    ~IncomingBundle();

    // Code::refused as soon as it is larger than it may be.
    Result<> add(std::string_view bytes);

    struct Stored {
        BundleDocument document;
        model::BundleReference reference;
    };
    // Storing the same bundle again replaces it: it may have got a signature meanwhile. Code::refused if
    // there is no room for it beside the others.
    Result<Stored> store();

  private:
    IncomingBundle(const model::Layout& layout, BundleLimits limits, std::filesystem::path path, Fd fd)
        : layout_(layout), limits_(limits), path_(std::move(path)), fd_(std::move(fd)) {}
    Result<> check_room(const model::BundleReference& reference) const;
    const model::Layout& layout_;
    BundleLimits limits_;
    std::filesystem::path path_;
    Fd fd_;
    std::uint64_t size_ = 0;
};

// Removes what a crash left half pushed.
void forget_incoming(const model::Layout& layout);

}  // namespace bulkhead::images
