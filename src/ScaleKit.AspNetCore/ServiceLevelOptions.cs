namespace ScaleKit.AspNetCore;

/// <summary>What is promised of the requests of an application, and over which time that is judged. Copied when a monitor is made; only <see cref="Enabled"/> follows the configuration.</summary>
public sealed class ServiceLevelOptions
{
    /// <summary>The configuration section: <c>ScaleKit:ServiceLevel</c>.</summary>
    public const string SectionName = "ScaleKit:ServiceLevel";

    /// <summary>The kill switch. Off: no request is counted, and nothing is missed.</summary>
    /// <value>true.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>The share of the requests that may fail; the objective is kept again at half of it. 0 to 1; 1 never tells.</summary>
    /// <value>0.05.</value>
    public double ErrorRateLimit { get; set; } = 0.05;

    /// <summary>How long 95 % of the requests may take at most; the objective is kept again at three quarters of it. 1 ms to 1 h.</summary>
    /// <value>1 s.</value>
    public TimeSpan LatencyLimit { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The time that is judged, ending now, in steps of a tenth of it. 1 s to 1 h.</summary>
    /// <value>1 min.</value>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>With fewer requests in the window nothing is judged: an objective stays as it is, until there are none at all. 1 to 1,000,000.</summary>
    /// <value>100.</value>
    public int MinimumRequests { get; set; } = 100;

    internal ServiceLevelOptions CopyValidated()
    {
        Between(ErrorRateLimit, 0, 1, nameof(ErrorRateLimit));
        Between(LatencyLimit, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), nameof(LatencyLimit));
        Between(Window, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), nameof(Window));
        Between(MinimumRequests, 1, 1_000_000, nameof(MinimumRequests));
        return (ServiceLevelOptions)MemberwiseClone();
    }

    private static void Between<T>(T value, T minimum, T maximum, string option)
        where T : IComparable<T>
    {
        if (value.CompareTo(minimum) < 0 || value.CompareTo(maximum) > 0)
        {
            throw new ArgumentException($"{SectionName}:{option} is {value}; it must lie between {minimum} and {maximum}.", option);
        }
    }
}
