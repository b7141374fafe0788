using System.Diagnostics;

namespace ScaleKit.Caching;

/// <summary>The activities of the package. None is made, and nothing is allocated, while nobody listens.</summary>
internal static class CachingActivities
{
    private static readonly ActivitySource Source = new(CachingDiagnostics.ActivitySourceName);

    public static bool AreHeard => Source.HasListeners();

    public static Activity? StartFill(string cacheName) =>
        Source.StartActivity(CachingDiagnostics.FillActivity)?.SetTag(CachingDiagnostics.CacheTag, cacheName);

    public static void EndFill(Activity? activity, FillSource source) => activity?.SetTag(CachingDiagnostics.OutcomeTag, source switch
    {
        FillSource.Distributed or FillSource.Local => "adopted",
        FillSource.Stale => "stale",
        _ => "made",
    });

    public static void FailFill(Activity? activity, Exception failure) => activity?
        .SetTag(CachingDiagnostics.OutcomeTag, "failed")
        .SetTag(CachingDiagnostics.ErrorTag, failure.GetType().FullName)
        .SetStatus(ActivityStatusCode.Error);

    public static Activity? StartCatchUp(string cacheName) =>
        Source.StartActivity(CachingDiagnostics.CatchUpActivity)?.SetTag(CachingDiagnostics.CacheTag, cacheName);

    public static void EndCatchUp(Activity? activity, bool isInStep)
    {
        if (!isInStep)
            activity?.SetStatus(ActivityStatusCode.Error);
    }
}
