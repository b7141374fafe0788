namespace ScaleKit.AspNetCore;

/// <summary>The names of what this package measures. No tag holds a path, a key or a user.</summary>
public static class AspNetCoreDiagnostics
{
    /// <summary>The meter: <c>ScaleKit.AspNetCore</c>.</summary>
    public const string MeterName = "ScaleKit.AspNetCore";

    /// <summary>Gauge, 1: the share of the requests of the window that failed. Nothing where there were none.</summary>
    public const string ErrorShare = "scalekit.service_level.error.share";

    /// <summary>Gauge, 1: the share of the requests of the window that took longer than <see cref="ServiceLevelOptions.LatencyLimit"/>. Nothing where there were none.</summary>
    public const string SlowShare = "scalekit.service_level.slow.share";

    /// <summary>Gauge, 1: 1 while an objective is missed, else 0; tag <see cref="ObjectiveTag"/>.</summary>
    public const string Missed = "scalekit.service_level.missed";

    /// <summary>Tag: <c>error_rate</c> or <c>latency</c>.</summary>
    public const string ObjectiveTag = "scalekit.service_level.objective";
}
