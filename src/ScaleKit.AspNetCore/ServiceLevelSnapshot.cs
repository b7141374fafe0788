namespace ScaleKit.AspNetCore;

/// <summary>What a <see cref="ServiceLevelMonitor"/> knows of the window that ends now. Immutable.</summary>
/// <param name="Requests">Requests that ended.</param>
/// <param name="ErrorShare">The share of them that failed, 0 to 1; 0 without requests.</param>
/// <param name="SlowShare">The share of them that took longer than <see cref="ServiceLevelOptions.LatencyLimit"/>, 0 to 1; 0 without requests.</param>
/// <param name="IsErrorRateMissed">Whether <see cref="ServiceLevelObjective.ErrorRate"/> is missed.</param>
/// <param name="IsLatencyMissed">Whether <see cref="ServiceLevelObjective.Latency"/> is missed.</param>
public sealed record ServiceLevelSnapshot(long Requests, double ErrorShare, double SlowShare, bool IsErrorRateMissed, bool IsLatencyMissed);
