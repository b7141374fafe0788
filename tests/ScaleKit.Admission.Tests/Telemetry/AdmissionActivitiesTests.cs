using System.Diagnostics;
using ScaleKit.TestKit;

namespace ScaleKit.Admission.Tests;

public sealed class AdmissionActivitiesTests
{
    [Fact]
    public async Task Admit_NobodyHasToWait_IsNoActivity()
    {
        await using var queue = new AdmissionQueue(new AdmissionOptions { RoomCapacity = 1 });
        using var recorded = new RecordedActivities(AdmissionDiagnostics.ActivitySourceName);

        await using var lease = (await queue.AdmitAsync(new AdmissionRequest("room"))).Lease!;
        _ = queue.TryAdmit("room");

        Assert.Empty(recorded.Ended);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Wait_EndsWithASeat_IsAnActivityOfTheVisitorsTraceThatNamesTheCapAlone(bool byTicket)
    {
        await using var queue = new AdmissionQueue(new AdmissionOptions { RoomCapacity = 1 });
        var lease = queue.TryAdmit("secret-room").Lease!;
        using var recorded = new RecordedActivities(AdmissionDiagnostics.ActivitySourceName);

        var request = new AdmissionRequest("secret-room", "secret-client");
        var waiting = byTicket ? queue.Enter(request).Completion : queue.AdmitAsync(request).AsTask();
        Assert.Same(recorded.Test, Activity.Current);
        Assert.Empty(recorded.Ended);
        await lease.DisposeAsync();
        Assert.True((await waiting).IsAdmitted);

        await Eventually.HoldsAsync(() => recorded.Ended.Count == 1, "the activity has ended");
        var wait = recorded.Ended[0];
        Assert.Equal((AdmissionDiagnostics.WaitActivity, recorded.Test.SpanId, ActivityStatusCode.Unset), (wait.OperationName, wait.ParentSpanId, wait.Status));
        Assert.Equal([new(AdmissionDiagnostics.CapTag, "room")], wait.TagObjects);
    }

    [Theory]
    [InlineData(false, "deadline_exceeded", ActivityStatusCode.Error)]
    [InlineData(true, "cancelled", ActivityStatusCode.Unset)]
    public async Task Wait_EndsWithoutASeat_NamesTheRefusalAndIsAnErrorUnlessTheVisitorLeft(bool leaves, string refusal, ActivityStatusCode status)
    {
        var clock = new ManualTimeProvider();
        await using var queue = new AdmissionQueue(new AdmissionOptions { RoomCapacity = 1 }, clock);
        using var leaving = new CancellationTokenSource();
        await using var lease = queue.TryAdmit("room").Lease!;
        using var recorded = new RecordedActivities(AdmissionDiagnostics.ActivitySourceName);

        var waiting = queue.AdmitAsync(new AdmissionRequest("room") { Deadline = TimeSpan.FromSeconds(5) }, leaving.Token);
        if (leaves)
        {
            await leaving.CancelAsync();
        }

        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.False((await waiting).IsAdmitted);

        var wait = Assert.Single(recorded.Ended);
        Assert.Equal(refusal, wait.GetTagItem(AdmissionDiagnostics.RefusalTag));
        Assert.Equal(status, wait.Status);
    }
}
