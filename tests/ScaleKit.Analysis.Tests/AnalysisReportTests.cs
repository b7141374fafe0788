namespace ScaleKit.Analysis.Tests;

public sealed class AnalysisReportTests
{
    [Fact]
    public void Finish_AllBoundsKept_IsZero()
    {
        var report = new AnalysisReport("any");
        report.Figure("a", 5);
        report.AtMost("b", 1, 1);
        report.AtLeast("c", 2, 2);

        Assert.Equal(0, report.Finish());
    }

    [Fact]
    public void Finish_AnyBoundBroken_IsOne()
    {
        AssertBroken(report => report.AtMost("a", 1.01, 1));
        AssertBroken(report => report.AtLeast("a", 0.99, 1));
        AssertBroken(report => report.AtMost("a", double.NaN, 1));
        AssertBroken(report => report.AtLeast("a", double.NaN, 1));
        AssertBroken(report => report.TimeAtMost("a", 2, 1));
        AssertBroken(report => report.TimeAtLeast("a", 1, 2));
    }

    [Fact]
    public void Finish_TimesAreNotJudged_OtherBoundsAre()
    {
        var report = new AnalysisReport("any", judgesTime: false);
        report.TimeAtMost("a", 2, 1);
        report.TimeAtLeast("b", 1, 2);
        Assert.Equal(0, report.Finish());

        report.AtMost("c", 2, 1);
        Assert.Equal(1, report.Finish());
    }

    private static void AssertBroken(Action<AnalysisReport> figure)
    {
        var report = new AnalysisReport("any");
        report.Figure("kept", 1);
        figure(report);

        Assert.Equal(1, report.Finish());
    }
}
