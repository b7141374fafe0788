namespace ScaleKit.Redis;

/// <summary>What <see cref="RedisConnection.CheckHealthAsync"/> found. Immutable.</summary>
public sealed class RedisHealth
{
    /// <summary>Creates the report of a server that answered.</summary>
    /// <param name="serverTime">The server's clock.</param>
    /// <param name="roundTrip">From the call to the answer.</param>
    public RedisHealth(DateTimeOffset serverTime, TimeSpan roundTrip) => (ServerTime, RoundTrip) = (serverTime, roundTrip);

    /// <summary>Creates the report of a server that did not answer.</summary>
    /// <param name="failure">What happened instead.</param>
    /// <param name="roundTrip">From the call to the failure.</param>
    public RedisHealth(RedisUnavailableException failure, TimeSpan roundTrip) => (Failure, RoundTrip) = (failure, roundTrip);

    /// <summary>True when the server answered in time.</summary>
    public bool IsHealthy => Failure is null;

    /// <summary>The server's clock when it answered; <see langword="null"/> when it did not.</summary>
    public DateTimeOffset? ServerTime { get; }

    /// <summary>From the call to the answer or the failure.</summary>
    public TimeSpan RoundTrip { get; }

    /// <summary>What happened instead of an answer; <see langword="null"/> when the server is healthy.</summary>
    public RedisUnavailableException? Failure { get; }
}
