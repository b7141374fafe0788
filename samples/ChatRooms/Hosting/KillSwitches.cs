using ScaleKit.Admission;
using ScaleKit.Caching;
using ScaleKit.Migration;
using ScaleKit.RateLimiting;
using ScaleKit.Sharding;

namespace ChatRooms;

/// <summary>The five primitives' kill switches under one name each.</summary>
internal sealed class KillSwitches(
    AdmissionQueue admission, TwoLevelCache cache, PolicyRateLimiter limiter,
    ShardRouter<IVersionedStore<string, ChatMessage>> router, MigrationLadder ladder)
{
    public IReadOnlyDictionary<string, bool> Read() => new Dictionary<string, bool>(StringComparer.Ordinal)
    {
        ["Admission"] = admission.IsEnabled,
        ["Caching"] = cache.IsEnabled,
        ["RateLimiting"] = limiter.IsEnabled,
        ["Sharding"] = router.IsEnabled,
        ["Migration"] = ladder.IsEnabled,
    };

    public bool TrySet(string primitive, bool enabled)
    {
        switch (primitive)
        {
            case "Admission":
                admission.IsEnabled = enabled;
                return true;
            case "Caching":
                cache.IsEnabled = enabled;
                return true;
            case "RateLimiting":
                limiter.IsEnabled = enabled;
                return true;
            case "Sharding":
                router.IsEnabled = enabled;
                return true;
            case "Migration":
                ladder.IsEnabled = enabled;
                return true;
            default:
                return false;
        }
    }
}
