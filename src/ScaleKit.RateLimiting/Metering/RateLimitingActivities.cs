using System.Diagnostics;

namespace ScaleKit.RateLimiting;

/// <summary>The activities of the package. None is made, and nothing is allocated, while nobody listens.</summary>
internal static class RateLimitingActivities
{
    private static readonly ActivitySource Source = new(RateLimitingDiagnostics.ActivitySourceName);

    public static bool AreHeard => Source.HasListeners();

    /// <summary>Waits in line.</summary>
    public static async Task<RateLimitDecision> WaitAsync(string policy, Task<RateLimitDecision> answer)
    {
        using var activity = Source.StartActivity(RateLimitingDiagnostics.WaitActivity)?.SetTag(RateLimitingDiagnostics.PolicyTag, policy);
        try
        {
            var decision = await answer.ConfigureAwait(false);
            activity?.SetTag(RateLimitingDiagnostics.ResultTag, RequestCounter.NameOf(decision.Outcome));
            return decision;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            activity?.SetTag(RateLimitingDiagnostics.ErrorTag, failure.GetType().FullName).SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }
}
