namespace ScaleKit.AspNetCore;

/// <summary>What is promised of the requests of an application.</summary>
public enum ServiceLevelObjective
{
    /// <summary>No more than <see cref="ServiceLevelOptions.ErrorRateLimit"/> of them fail: are answered with a status of 500 or above.</summary>
    ErrorRate,

    /// <summary>95 % of them take no longer than <see cref="ServiceLevelOptions.LatencyLimit"/>.</summary>
    Latency,
}
