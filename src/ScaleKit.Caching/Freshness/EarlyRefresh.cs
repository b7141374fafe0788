namespace ScaleKit.Caching;

/// <summary>
/// Decides when a hit refreshes a value that has not expired yet: after a share of its lifetime, or by probabilistic early expiration, XFetch (Vattani, Chierichetti,
/// Lowenstein: Optimal Probabilistic Cache Stampede Prevention, PVLDB 8(8), 2015, doi 10.14778/2757807.2757813): with the factory's time d and a uniform
/// random u, refresh when now - d * beta * ln(u) reaches the expiry. Unlike there, the hit itself gets the present value and does not wait.
/// </summary>
internal sealed class EarlyRefresh(TwoLevelCacheOptions options, MonotonicClock clock, Random? random = null)
{
    private const double Spread = 0.1;
    private readonly Random _random = random ?? Random.Shared;

    /// <summary>The point of a value with this age and this rest of its lifetime; null where nothing refreshes it early.</summary>
    public RefreshPoint? PointFor(long now, TimeSpan age, TimeSpan remaining, TimeSpan factoryTime)
    {
        var width = options.EarlyExpirationBeta * factoryTime.TotalSeconds * clock.Time.TimestampFrequency;
        if (options.EagerRefreshAt is null && width <= 0)
            return null;
        return new(EagerAt(now, age, remaining), clock.After(now, remaining), width);
    }

    /// <summary>Whether this hit refreshes the value. At most one of all hits is told so, until <see cref="TryAgain"/>.</summary>
    public bool TryClaim(LocalEntry entry)
    {
        var askFrom = entry.RefreshAt;
        if (entry.Refresh is not { } point)
            return false;
        var now = clock.Now;
        return now >= askFrom
            && (now >= point.EagerAt || now - (point.Width * Math.Log(1 - _random.NextDouble())) >= point.Expiry)
            && entry.TryMoveRefresh(askFrom, entry.ExpiresAt);
    }

    /// <summary>After a refresh that failed: half of the rest of the lifetime later, until less than a second is left.</summary>
    public void TryAgain(LocalEntry entry)
    {
        var now = clock.Now;
        if (entry.ExpiresAt - now > clock.Time.TimestampFrequency)
            entry.TryMoveRefresh(entry.RefreshAt, now + ((entry.ExpiresAt - now) / 2));
    }

    private long EagerAt(long now, TimeSpan age, TimeSpan remaining)
    {
        if (options.EagerRefreshAt is not { } share)
            return long.MaxValue;

        // Up to a tenth of the rest later, at random: the nodes hold copies of one value, and who is late finds the new value in the distributed level.
        var lifetime = age + remaining;
        var from = (lifetime * (share + ((1 - share) * Spread * _random.NextDouble()))) - age;
        return from > TimeSpan.Zero ? clock.After(now, from) : now;
    }
}
