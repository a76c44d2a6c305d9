#include "partition-manager/trust/vtpms.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "attestation/guest/guest_tpm.hpp"
#include "attestation/verifier.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/unix_socket.hpp"
#include "crypto/random.hpp"

namespace bulkhead::trust {
namespace {

constexpr std::size_t key_size = 32;  // AES-256
constexpr std::size_t file_limit = 64 * 1024;

// A disk that can't say is no reason to make a TPM anew.
Result<bool> is_there(const std::filesystem::path& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) == 0) return true;
    if (errno != ENOENT) return fail_errno("can't look for it", path.string());
    return false;
}

Result<> sync(const std::filesystem::path& path) {
    BULKHEAD_TRY_ASSIGN(const Fd fd, open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    if (::fsync(fd.get()) != 0) return fail_errno("can't sync", path.string());
    return {};
}

std::unexpected<Error> damaged(const std::string& what, const std::filesystem::path& folder) {
    return fail(
        Code::corrupt, "the partition's TPM can't be used: " + what, folder.string(), {},
        "restore the folder; or remove it, and the partition gets a new TPM, which the console has to accept "
        "anew");
}

}  // namespace

struct Vtpms::Place {
    std::filesystem::path folder;
    std::filesystem::path key() const { return folder / "key.sealed"; }
    std::filesystem::path endorsement() const { return folder / "endorsement"; }
    std::filesystem::path state() const { return folder / "tpm"; }
    std::filesystem::path memory() const { return state() / "tpm2-00.permall"; }  // swtpm's name for it
};

Vtpms::Place Vtpms::place_of(const std::string& uid) const {
    return {options_.layout.vtpm(uid)};
}

Swtpm Vtpms::swtpm_of(const std::string& uid) const {
    const auto user =
        options_.first_user == 0
            ? 0
            : options_.first_user + static_cast<uid_t>(stable_hash(uid) % (options_.users + 1ULL));
    return {options_.program, place_of(uid).state(), user, options_.launch};
}

Result<attest::v1::Endorsement> Vtpms::ensure(const model::PartitionName& partition, const std::string& uid) {
    const auto place = place_of(uid);
    // The endorsement is written last: without it nothing was ever started with this TPM.
    BULKHEAD_TRY_ASSIGN(const bool is_endorsed, is_there(place.endorsement()));
    auto endorsement = is_endorsed ? load(uid) : make(uid);
    if (!endorsement && endorsement.error().where.empty()) endorsement.error().where = partition.str();
    return endorsement;
}

Result<std::uint64_t> Vtpms::next_generation(const std::string& uid) {
    BULKHEAD_TRY(
        database_.run("INSERT INTO vtpm (uid, generation) VALUES (?, 1) "
                      "ON CONFLICT (uid) DO UPDATE SET generation = generation + 1",
                      {storage::Value{uid}}));
    BULKHEAD_TRY_ASSIGN(const auto rows,
                        database_.query("SELECT generation FROM vtpm WHERE uid = ?", {storage::Value{uid}}));
    return static_cast<std::uint64_t>(rows.front().number(0));
}

Result<attest::v1::Endorsement> Vtpms::make(const std::string& uid) {
    const auto place = place_of(uid);
    const auto swtpm = swtpm_of(uid);
    BULKHEAD_TRY(swtpm.wait_until_free());
    std::error_code ec;
    std::filesystem::remove_all(place.folder, ec);
    if (ec)
        return fail(Code::io, "can't remove what is left of a TPM: " + ec.message(), place.folder.string());
    BULKHEAD_TRY_ASSIGN(const auto generation, next_generation(uid));
    BULKHEAD_TRY(make_folder(place.folder.parent_path(), 0711));
    BULKHEAD_TRY(make_folder(place.folder, 0711));
    BULKHEAD_TRY(make_folder(place.state(), 0700));
    if (swtpm.user != 0 && ::chown(place.state().c_str(), swtpm.user, swtpm.user) != 0)
        return fail_errno("can't give the folder to the TPM's user", place.state().string());
    const auto key = crypto::random_bytes(key_size);
    BULKHEAD_TRY_ASSIGN(const auto sealed, host_.seal(key));
    BULKHEAD_TRY(write_file_atomically(place.key(), sealed, 0600));
    std::string ek_public;
    {
        BULKHEAD_TRY_ASSIGN(Fd connection, swtpm.serve(key));
        BULKHEAD_TRY_ASSIGN(const auto tpm, attestation::GuestTpm::open(std::move(connection)));
        ek_public = tpm->ek_public();
    }
    BULKHEAD_TRY(swtpm.wait_until_free());
    // swtpm does not, and an endorsement of a state that a power cut took would need a person.
    BULKHEAD_TRY(sync(place.memory()));
    BULKHEAD_TRY(sync(place.state()));
    BULKHEAD_TRY_ASSIGN(auto endorsement, endorse(uid, ek_public, generation));
    BULKHEAD_TRY(write_file_atomically(place.endorsement(), endorsement.SerializeAsString(), 0600));
    return endorsement;
}

Result<attest::v1::Endorsement> Vtpms::endorse(const std::string& uid, std::string_view ek_public,
                                               std::uint64_t generation) {
    attest::v1::Endorsement endorsement;
    endorsement.set_uuid(uid);
    BULKHEAD_TRY_ASSIGN(*endorsement.mutable_vek_name(), name_of_key(ek_public));
    endorsement.set_generation(generation);
    endorsement.set_host_ak_name(host_.ak_name());
    BULKHEAD_TRY_ASSIGN(*endorsement.mutable_signature(),
                        host_.sign(attestation::endorsement_content(endorsement)));
    return endorsement;
}

Result<attest::v1::Endorsement> Vtpms::load(const std::string& uid) {
    const auto place = place_of(uid);
    BULKHEAD_TRY_ASSIGN(const auto bytes, read_file(place.endorsement(), file_limit));
    attest::v1::Endorsement endorsement;
    if (!endorsement.ParseFromString(bytes) || endorsement.uuid() != uid)
        return damaged("its endorsement is not this partition's", place.folder);
    if (endorsement.host_ak_name() != host_.ak_name())
        return damaged("it was made under another TPM of this host", place.folder);
    BULKHEAD_TRY_ASSIGN(const bool has_state, is_there(place.memory()));
    if (!has_state) return damaged("its state is gone", place.folder);
    BULKHEAD_TRY_ASSIGN(const bool has_key, is_there(place.key()));
    if (!has_key) return damaged("the key of its state is gone", place.folder);
    return endorsement;
}

Result<std::string> Vtpms::key_of(const std::string& uid) {
    const auto place = place_of(uid);
    BULKHEAD_TRY_ASSIGN(const auto sealed, read_file(place.key(), file_limit));
    auto key = host_.unseal(sealed);
    // A TPM that is busy or away says nothing about the key.
    if (!key && key.error().code != Code::refused && key.error().code != Code::corrupt) return key;
    if (!key) return damaged("this host's TPM does not unseal its key: " + key.error().text(), place.folder);
    if (key->size() != key_size) return damaged("its key has the wrong size", place.folder);
    return key;
}

Result<attest::v1::Endorsement> Vtpms::start(const model::PartitionName& partition, const std::string& uid) {
    BULKHEAD_TRY_ASSIGN(auto endorsement, ensure(partition, uid));
    BULKHEAD_TRY_ASSIGN(const auto key, key_of(uid));
    const auto path = options_.layout.vtpm_socket(partition);
    const auto swtpm = swtpm_of(uid);
    stop(partition);
    BULKHEAD_TRY(swtpm.wait_until_free());
    BULKHEAD_TRY(make_folder(path.parent_path(), 0711));
    BULKHEAD_TRY_ASSIGN(const Fd socket, listen_unix(path, 0600));
    // Ours never block; swtpm expects one that does.
    if (::fcntl(socket.get(), F_SETFL, 0) != 0)
        return fail_errno("can't set up the TPM's socket", path.string());
    if (options_.socket_user != 0 && ::chown(path.c_str(), options_.socket_user, static_cast<gid_t>(-1)) != 0)
        return fail_errno("can't give the TPM's socket to QEMU", path.string());
    BULKHEAD_TRY(swtpm.listen(key, socket));
    return endorsement;
}

void Vtpms::stop(const model::PartitionName& partition) {
    shut_down_swtpm(options_.layout.vtpm_socket(partition));
}

Result<> Vtpms::retain(const std::set<std::string>& uids) {
    const auto folder = options_.layout.vtpm({});
    std::error_code ec;
    if (!std::filesystem::exists(folder, ec)) return {};
    for (std::filesystem::directory_iterator entry(folder, ec), end; !ec && entry != end; entry.increment(ec))
        if (!uids.contains(entry->path().filename().string())) {
            std::error_code removed;
            std::filesystem::remove_all(entry->path(), removed);
            if (removed)
                return fail(Code::io, "can't remove a TPM: " + removed.message(), entry->path().string());
        }
    if (ec) return fail(Code::io, "can't read the folder of TPMs: " + ec.message(), folder.string());
    return {};
}

}  // namespace bulkhead::trust
