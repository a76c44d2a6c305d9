// A host's TPM and what makes partitions' TPMs under it, all of them swtpm.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.hpp"
#include "partition-manager/apply/schema.hpp"
#include "partition-manager/daemon/launcher.hpp"
#include "partition-manager/trust/vtpms.hpp"
#include "tests/attestation/software_tpm.hpp"

namespace bulkhead::trust {

inline const model::PartitionName press("press");
inline const std::string uid = "3f2b1c00-5a5e-4d7e-9a10-0123456789ab";

class TpmHost : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_EQ(::chmod(folder_.path().c_str(), 0711), 0);
        layout_.state = folder_.path() / "state";
        layout_.run = folder_.path() / "run";
        ASSERT_TRUE(make_folder(layout_.state, 0711));
        ASSERT_TRUE(make_folder(layout_.run, 0711));
        database_ = *storage::Database::open(layout_.database());
        ASSERT_TRUE(apply::migrate(*database_));
        host_ = *HostAnchor::open(tpm_.tcti());
        vtpms_ = std::make_unique<Vtpms>(options(), *database_, *host_);
    }
    void TearDown() override { vtpms_->stop(press); }
    Vtpms::Options options() const {
        return {layout_,
                "/usr/bin/swtpm",
                [this](const std::vector<std::string>& argv, const std::vector<int>& fds, uid_t user) {
                    return launcher_.start(argv, {fds, user});
                },
                daemon::first_own_user,
                daemon::own_users,
                0};
    }

    testing_support::TemporaryFolder folder_;
    testing_support::SoftwareTpm tpm_;
    daemon::Launcher launcher_ = *daemon::Launcher::fork({{"/usr/bin/swtpm", true}});
    model::Layout layout_;
    std::unique_ptr<storage::Database> database_;
    std::unique_ptr<HostAnchor> host_;
    std::unique_ptr<Vtpms> vtpms_;
};

}  // namespace bulkhead::trust
