using System.Net;

namespace EndpointLimits;

/// <summary>A client of one endpoint that calls node after node in turn.</summary>
/// <param name="endpoint">What it calls.</param>
/// <param name="user">Who it is.</param>
/// <param name="isPolite">Whether a refused client comes back when it is told to. Nobody else calls as this user, so the permits must be there.</param>
/// <param name="nodes">The servers.</param>
/// <param name="judge">Is told of every admitted call.</param>
internal sealed class Caller(Endpoint endpoint, string user, bool isPolite, IReadOnlyList<Uri> nodes, WindowJudge judge)
{
    private int _calls;

    public async Task RunAsync(HttpClient client, TimeSpan window, CancellationToken stop)
    {
        try
        {
            var cameBack = false;
            while (true)
            {
                var wait = await CallAsync(client, cameBack, stop);
                cameBack = isPolite && wait > TimeSpan.Zero;
                await Task.Delay(cameBack ? wait : window / endpoint.CallsAWindow, TimeProvider.System, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    /// <returns>How long to wait, if it was refused.</returns>
    private async Task<TimeSpan> CallAsync(HttpClient client, bool cameBack, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(endpoint.Method, new Uri(nodes[_calls++ % nodes.Count], endpoint.Path));
        request.Headers.Add(LimitedApp.UserHeader, user);
        var sentAt = TimeProvider.System.GetTimestamp();
        try
        {
            using var response = await client.SendAsync(request, stop);
            return Read(response, cameBack, sentAt, TimeProvider.System.GetTimestamp());
        }
        catch (HttpRequestException)
        {
            endpoint.Count(counts => counts with { Sent = counts.Sent + 1, Errors = counts.Errors + 1 });
            return TimeSpan.Zero;
        }
    }

    private TimeSpan Read(HttpResponseMessage response, bool cameBack, long sentAt, long answeredAt)
    {
        var limits = NamedLimit.ReadFrom(response);
        if (response.IsSuccessStatusCode)
        {
            foreach (var limit in limits)
            {
                judge.Admitted(limit, user, string.Equals(limit.Policy, "workspaces/data:write", StringComparison.Ordinal) ? 1 : endpoint.Permits, sentAt, answeredAt);
            }
        }

        var retryAfter = response.Headers.RetryAfter?.Delta ?? TimeSpan.Zero;
        var isRefused = response.StatusCode == HttpStatusCode.TooManyRequests;
        endpoint.Count(counts => counts with
        {
            Sent = counts.Sent + 1,
            Admitted = counts.Admitted + (response.IsSuccessStatusCode ? 1 : 0),
            Refused = counts.Refused + (isRefused ? 1 : 0),
            WouldRefuse = counts.WouldRefuse + (response.IsSuccessStatusCode && limits.Count == 0 ? 1 : 0),
            KeptPromises = counts.KeptPromises + (cameBack && !isRefused ? 1 : 0),
            BrokenPromises = counts.BrokenPromises + (cameBack && isRefused ? 1 : 0),
            Errors = counts.Errors + (response.IsSuccessStatusCode || isRefused ? 0 : 1),
            RetryAfter = isRefused && !isPolite ? (int)retryAfter.TotalSeconds : counts.RetryAfter,
            State = isPolite ? counts.State : Field(response, "RateLimit"),
            LastPolicy = isPolite ? counts.LastPolicy : Field(response, "RateLimit-Policy"),
        });
        return isRefused ? retryAfter : TimeSpan.Zero;
    }

    private static string Field(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";
}
