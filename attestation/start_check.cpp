#include "attestation/start_check.hpp"

#include <array>

#include "attestation/log_check.hpp"

namespace bulkhead::attestation {
namespace {

constexpr std::array image_facts = {"kernel", "initrd", "command_line", "image"};
constexpr std::array programs = {"qemu", "swtpm", "firmware"};

Checked<> check_digest(const Reason& reason, const Record& start, const std::string& name,
                       const std::map<std::string, std::string>& signed_digests, const std::string& key) {
    const auto wanted = signed_digests.find(key);
    if (wanted == signed_digests.end())
        return std::unexpected(about_fact(reason::no_reference, start, name, {}));
    if (wanted->second == fact(start, name)) return {};
    return std::unexpected(about_fact(reason, start, name, wanted->second));
}

}  // namespace

Checked<> check_start(const Record& start, const model::Spec& spec, const model::Partition& partition,
                      const References& references) {
    for (const auto& [name, digest] : spec_facts(spec, partition))
        BULKHEAD_TRY(check_digest(reason::configuration_differs, start, name, {{name, digest}}, name));
    static const std::map<std::string, std::string> no_digests;
    const auto image = references.images.find(partition.image.str());
    const auto& signed_image = image == references.images.end() ? no_digests : image->second;
    for (const std::string name : image_facts) {
        // Not every image has each of them; one without a kernel has nothing that could be right.
        if (name != "kernel" && fact(start, name).empty() && !signed_image.contains(name)) continue;
        BULKHEAD_TRY(check_digest(reason::image_differs, start, name, signed_image, name));
    }
    for (const char* name : programs)
        BULKHEAD_TRY(check_allowed(reason::program_differs, start, name, references.platform));
    return check_digest(reason::argv_differs, start, "argv", references.argv, partition.name.str());
}

}  // namespace bulkhead::attestation
