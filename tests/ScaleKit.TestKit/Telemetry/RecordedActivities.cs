using System.Collections.Concurrent;
using System.Diagnostics;

namespace ScaleKit.TestKit;

/// <summary>
/// Opens a trace for the test and records the activities of one source that belong to it, in the order of their end; those of tests that run beside it are neither heard nor made.
/// </summary>
public sealed class RecordedActivities : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    /// <summary>Listens from now on. To be made in the test itself: its trace becomes the current one of the flow that makes it.</summary>
    /// <param name="source">The name of the source.</param>
    /// <param name="roots">Whether activities without a parent are recorded too; they may be another test's.</param>
    public RecordedActivities(string source, bool roots = false)
    {
        Test = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        var trace = Test.TraceId;
        _listener = new ActivityListener
        {
            ShouldListenTo = heard => heard.Name == source,
            Sample = (ref ActivityCreationOptions<ActivityContext> made) =>
                made.Parent.TraceId == trace || (roots && made.Parent == default) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>What the recorded ones are children of.</summary>
    public Activity Test { get; }

    /// <summary>Those that have ended.</summary>
    public IReadOnlyList<Activity> Ended => [.. _ended];

    /// <summary>Those of one name that have ended.</summary>
    public IReadOnlyList<Activity> Named(string name) => [.. _ended.Where(activity => activity.OperationName == name)];

    /// <summary>Stops listening, and ends the trace.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        Test.Dispose();
    }
}
