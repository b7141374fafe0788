using System.Diagnostics;

namespace ScaleKit.Admission;

/// <summary>The activities of the package. None is made, and nothing is allocated, while nobody listens.</summary>
internal static class AdmissionActivities
{
    private static readonly ActivitySource Source = new(AdmissionDiagnostics.ActivitySourceName);

    public static bool AreHeard => Source.HasListeners();

    /// <summary>Asynchronous so that the activity is nobody's current one but its own: who waits goes on with the one that it has.</summary>
    public static async Task<AdmissionResult> WaitAsync(ValueTask<AdmissionResult> waiting)
    {
        using var activity = Source.StartActivity(AdmissionDiagnostics.WaitActivity);
        var result = await waiting.ConfigureAwait(false);
        activity?.SetTag(AdmissionDiagnostics.CapTag, AdmissionMetrics.NameOf(result.BindingCap));
        if (!result.IsAdmitted)
        {
            activity?.SetTag(AdmissionDiagnostics.RefusalTag, AdmissionMetrics.NameOf(result.Refusal));

            // Who left by itself got what it wanted.
            activity?.SetStatus(result.Refusal == AdmissionRefusal.Cancelled ? ActivityStatusCode.Unset : ActivityStatusCode.Error);
        }

        return result;
    }
}
