// A certificate authority of a TPM's manufacturer, as small as it can be, that also makes certificates that
// are wrong.
#pragma once

#include <string>

namespace bulkhead::testing_support {

struct EndOptions {
    const char* usage = "2.23.133.8.1";
    bool is_ca = false;
    long begins_in = -3600;  // seconds from now
    long ends_in = 3600;
};

class TestAuthority {
  public:
    TestAuthority();
    ~TestAuthority();
    TestAuthority(const TestAuthority&) = delete;
    TestAuthority& operator=(const TestAuthority&) = delete;
    std::string root_pem() const;
    // DER, for the key at this point of P-256.
    std::string issue(const std::string& x, const std::string& y, const EndOptions& options = {}) const;
    // A root of the same name and key whose life is over.
    std::string expired_root_pem() const;

  private:
    struct Parts;
    Parts* parts_;
};

}  // namespace bulkhead::testing_support
