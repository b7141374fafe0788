namespace ScaleKit.AspNetCore;

/// <summary>An objective is missed, or kept again. Immutable.</summary>
/// <param name="objective">The objective.</param>
/// <param name="isMissed"><see langword="true"/> when raised, <see langword="false"/> when cleared.</param>
/// <param name="share">The share of the requests that failed, or took longer than the limit.</param>
public sealed class ServiceLevelEventArgs(ServiceLevelObjective objective, bool isMissed, double share) : EventArgs
{
    /// <summary>The objective.</summary>
    public ServiceLevelObjective Objective { get; } = objective;

    /// <summary><see langword="true"/> when raised above its limit, <see langword="false"/> when cleared.</summary>
    public bool IsMissed { get; } = isMissed;

    /// <summary>The share of the requests in the window that failed, or took longer than <see cref="ServiceLevelOptions.LatencyLimit"/>, 0 to 1.</summary>
    public double Share { get; } = share;
}
