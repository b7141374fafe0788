namespace ChatRooms;

/// <summary>Only the people: they use an application elsewhere, of one node or many, and what they saw is checked against its files.</summary>
internal sealed class DriveRun(ChatOptions options, DataFolder folder)
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);

    private readonly TimeProvider _time = TimeProvider.System;

    public Task<int> RunAsync() => ShownRun.RunAsync(RunAsync, _time);

    private async Task<Verdict> RunAsync(Action<string, double> show)
    {
        var (caps, limits) = NodeSettings.Read();
        var server = new Uri(options.Drive!);
        var checker = new RunChecker();
        await using (var crowd = new Crowd(options.Simulate, caps.RoomCapacity, new RoomCatalog(), checker, _time))
        {
            crowd.Start(server);
            var started = _time.GetTimestamp();
            var length = TimeSpan.FromSeconds(options.Seconds!.Value);
            using var timer = new PeriodicTimer(Beat, _time);
            for (var elapsed = TimeSpan.Zero; elapsed < length; elapsed = _time.GetElapsedTime(started))
            {
                show("chatting", elapsed / length);
                await timer.WaitForNextTickAsync();
            }
            show("chatting", 1);
        }
        var seats = new SeatHistory(checker.Visits, [], caps.StoreLease, _time).Count();
        return await new FinalCheck(checker, seats, caps, limits, [folder.OneFile], server, _time).RunAsync(part => show("checking", part));
    }
}
