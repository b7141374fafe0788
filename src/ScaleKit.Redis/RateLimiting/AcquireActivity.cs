using System.Diagnostics;

namespace ScaleKit.Redis;

/// <summary>The activity of a flight. None is made, and nothing is allocated, while nobody listens.</summary>
internal static class AcquireActivity
{
    private static readonly ActivitySource Source = new(RedisDiagnostics.ActivitySourceName);

    public static bool AreHeard => Source.HasListeners();

    /// <summary>What a caller is in the middle of; null while nobody listens.</summary>
    public static Activity? OfCaller => AreHeard ? Activity.Current : null;

    /// <summary>One in the trace of the first caller that has one, with links to the traces of the others. Null where no caller is traced.</summary>
    public static Activity? Start(List<Acquisition> callers)
    {
        if (callers.Find(static caller => caller.Activity is not null)?.Activity is not { } first)
        {
            return null;
        }

        var others = callers.Select(static caller => caller.Activity).OfType<Activity>().Where(activity => activity != first).Distinct();
        return Source.StartActivity(RedisDiagnostics.RateLimitFlightActivity, ActivityKind.Client, first.Context, links: others.Select(static activity => new ActivityLink(activity.Context)))?
            .SetTag(RedisDiagnostics.BatchSizeTag, callers.Count);
    }
}
