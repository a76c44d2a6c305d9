// Real TPMs of partitions under a real host TPM, both swtpm; needs root, to run each as a user of its own.
#include "partition-manager/trust/vtpms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "attestation/credential.hpp"
#include "attestation/verifier.hpp"
#include "base/unix_socket.hpp"
#include "tests/partition-manager/trust/tpm_host.hpp"

namespace bulkhead::trust {
namespace {

using testing::HasSubstr;

class PartitionTpm : public TpmHost {
  protected:
    std::filesystem::path file(const std::string& name) const { return layout_.vtpm(uid) / name; }

    // QEMU's CMD_INIT: the answer is 0, or why the TPM can't start.
    std::uint32_t initialise() const {
        const auto socket = connect_unix(layout_.vtpm_socket(press));
        EXPECT_TRUE(socket);
        if (!socket) return ~0U;
        constexpr std::string_view request("\x00\x00\x00\x02\x00\x00\x00\x00", 8);
        EXPECT_EQ(::send(socket->get(), request.data(), request.size(), MSG_NOSIGNAL), 8);
        pollfd waiting{socket->get(), POLLIN, 0};
        ::poll(&waiting, 1, 5000);
        std::array<unsigned char, 4> answer{0xff, 0xff, 0xff, 0xff};
        std::ignore = ::recv(socket->get(), answer.data(), answer.size(), 0);
        return std::uint32_t{answer[0]} << 24U | std::uint32_t{answer[1]} << 16U |
               std::uint32_t{answer[2]} << 8U | answer[3];
    }
};

TEST_F(PartitionTpm, is_made_once_and_endorsed_by_the_hosts) {
    const auto first = vtpms_->ensure(press, uid);
    ASSERT_TRUE(first) << first.error().text();
    EXPECT_EQ(first->generation(), 1U);
    EXPECT_EQ(first->host_ak_name(), host_->ak_name());
    EXPECT_TRUE(attestation::check_signature(attestation::endorsement_content(*first), first->signature(),
                                             host_->ak_public()));
    const auto second = vtpms_->ensure(press, uid);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
}

TEST_F(PartitionTpm, starts_for_qemu_again_and_again) {
    for (int i = 0; i < 3; ++i) {
        const auto started = vtpms_->start(press, uid);
        ASSERT_TRUE(started) << started.error().text();
        EXPECT_EQ(started->generation(), 1U);
        EXPECT_EQ(initialise(), 0U);
    }
}

TEST_F(PartitionTpm, leaves_no_key_where_anybody_else_can_read_it) {
    ASSERT_TRUE(vtpms_->start(press, uid));
    struct stat status{};
    ASSERT_EQ(::stat(file("key.sealed").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    ASSERT_EQ(::stat(file("tpm").c_str(), &status), 0);
    EXPECT_GE(status.st_uid, daemon::first_own_user);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(PartitionTpm, is_not_replaced_when_its_state_or_its_key_is_gone) {
    ASSERT_TRUE(vtpms_->ensure(press, uid));
    std::filesystem::rename(file("tpm/tpm2-00.permall"), file("kept"));
    const auto without_state = vtpms_->start(press, uid);
    ASSERT_FALSE(without_state);
    EXPECT_EQ(without_state.error().code, Code::corrupt);
    EXPECT_THAT(without_state.error().text(), HasSubstr("its state is gone"));
    std::filesystem::rename(file("kept"), file("tpm/tpm2-00.permall"));

    std::filesystem::rename(file("key.sealed"), file("kept"));
    EXPECT_THAT(vtpms_->start(press, uid).error().text(), HasSubstr("the key of its state is gone"));
    std::filesystem::rename(file("kept"), file("key.sealed"));
    EXPECT_TRUE(vtpms_->start(press, uid));
}

TEST_F(PartitionTpm, does_not_start_fresh_with_a_wrong_key) {
    ASSERT_TRUE(vtpms_->ensure(press, uid));
    const auto before = *read_file(file("tpm/tpm2-00.permall"), 1 << 20);
    ASSERT_TRUE(write_file_atomically(file("key.sealed"), *host_->seal(std::string(32, 'w')), 0600));
    ASSERT_TRUE(vtpms_->start(press, uid));  // the key is seen to be wrong when QEMU starts the TPM
    EXPECT_NE(initialise(), 0U);
    EXPECT_EQ(*read_file(file("tpm/tpm2-00.permall"), 1 << 20), before);
}

TEST_F(PartitionTpm, is_of_no_use_under_another_host) {
    ASSERT_TRUE(vtpms_->ensure(press, uid));
    const testing_support::SoftwareTpm other_tpm;
    const auto other = *HostAnchor::open(other_tpm.tcti());
    Vtpms elsewhere(options(), *database_, *other);
    const auto refused = elsewhere.start(press, uid);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text(), HasSubstr("another TPM of this host"));
}

TEST_F(PartitionTpm, that_was_lost_as_a_whole_is_made_anew_under_the_next_generation) {
    const auto first = vtpms_->ensure(press, uid);
    ASSERT_TRUE(first);
    ASSERT_TRUE(vtpms_->retain({}));
    EXPECT_FALSE(std::filesystem::exists(layout_.vtpm(uid)));
    const auto second = vtpms_->ensure(press, uid);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->generation(), 2U);
    EXPECT_NE(second->vek_name(), first->vek_name());
}

}  // namespace
}  // namespace bulkhead::trust
