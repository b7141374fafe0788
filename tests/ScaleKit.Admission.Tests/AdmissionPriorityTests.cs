namespace ScaleKit.Admission.Tests;

/// <summary>Classes of visitors that wait for the same room.</summary>
public sealed class AdmissionPriorityTests
{
    /// <summary>The other side of the bound: one of a lower class, and then as many of the higher again, even if others of a lower class still wait.</summary>
    [Fact]
    public async Task Release_OneOfALowerClassWasServed_TheHigherGoFirstAgain()
    {
        using var crowd = new Crowd(room: 1, configure: options => options.PriorityBurst = 2);
        var lease = crowd.Sit("a");
        var (normal, low) = (Wait(crowd, AdmissionPriority.Normal), Wait(crowd, AdmissionPriority.Low));
        var high = Enumerable.Range(0, 5).Select(_ => Wait(crowd, AdmissionPriority.High)).ToArray();

        foreach (var next in new[] { high[0], high[1], normal, high[2], high[3], low, high[4] })
        {
            await lease.DisposeAsync();
            lease = Crowd.Done(next).Lease!;
        }
    }

    [Fact]
    public void Enter_NoSuchPriority_IsRefusedByName()
    {
        using var crowd = new Crowd();

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => crowd.Queue.Enter(new AdmissionRequest("a") { Priority = (AdmissionPriority)7 }));

        Assert.Contains("Priority", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Leave_FromTheMiddleOfAnyClass_LeavesTheOthersInOrder()
    {
        using var crowd = new Crowd(room: 1);
        _ = crowd.Sit("a");
        var line = Enumerable.Range(0, 9).Select(index => Wait(crowd, (AdmissionPriority)((index % 3) - 1))).ToArray();

        foreach (var index in new[] { 3, 4, 5 })
        {
            line[index].Waiter!.Leave();
        }

        Assert.Equal([5, 3, 1, 6, 4, 2], new[] { 0, 1, 2, 6, 7, 8 }.Select(index => line[index].Position));
        Assert.Equal(6, crowd.Queue.Holdings.Linked);
    }

    private static AdmissionTicket Wait(Crowd crowd, AdmissionPriority priority) =>
        crowd.Queue.Enter(new AdmissionRequest("a") { Priority = priority, Deadline = Timeout.InfiniteTimeSpan });
}
