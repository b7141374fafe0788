namespace ChatRooms.Tests;

/// <summary>The page in a real browser, as a person uses it. One class: each test has an application of its own, all share the browser.</summary>
public sealed class PageInBrowserTests(Chromium browser) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const string Room = "amber-fox";
    private readonly ChatHost _host = new(people: 0, ("ScaleKit:Admission:RoomCapacity", "2"), ("ScaleKit:Migration:BackfillRowsPerSecond", "100000"));

    public Task InitializeAsync() => _host.InitializeAsync();

    public Task DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Keyboard_FromTheFirstTabToTheLastMessage_IsEnough()
    {
        var page = await browser.OpenAsync(_host.Server, width: 1280);

        await page.PressAsync("Tab");
        Assert.Equal("Skip to the chat", await page.FocusAsync());
        await page.PressAsync("Enter");
        await page.PressAsync("Tab");
        Assert.Equal("nickname", await page.FocusAsync());
        await page.TypeAsync("Ada");
        await page.PressAsync("Enter");
        await page.HoldsAsync("!document.getElementById('chat').hidden && document.activeElement.id === 'text'", "seated, and ready to type");
        await page.TypeAsync("Good morning <b>all</b>");
        await page.PressAsync("Enter");
        await page.HoldsAsync("document.querySelector('#messages .own')?.textContent.includes('Good morning <b>all</b>')", "the own message is shown as it was typed");
        await page.PictureAsync("chat-1280");
        await page.PressAsync("Tab");
        await page.PressAsync("Tab");
        Assert.Equal("leave", await page.FocusAsync());
        await page.PressAsync(" ");
        await page.HoldsAsync("!document.getElementById('join').hidden && document.activeElement.id === 'nickname'", "out of the room, and the focus is not lost");

        Assert.Empty(page.Problems);
    }

    [Fact]
    public async Task Join_FullRoom_WaitsInLineAndIsSeatedWhenOneLeaves()
    {
        var ann = await _host.JoinAsync(Room, "Ann");
        var bob = await _host.JoinAsync(Room, "Bob");
        var page = await browser.OpenAsync(_host.Server, width: 390);

        await page.ClickAsync("#nickname");
        await page.TypeAsync("Ada");
        await page.ClickAsync("#join button");
        await page.HoldsAsync("!document.getElementById('waiting').hidden && document.getElementById('waiting-position').textContent === '1'", "first in line");
        Assert.Equal("waiting-leave", await page.FocusAsync());
        Assert.Contains(await page.AccessibleAsync(), static one => one.Role == "status");
        await page.PictureAsync("waiting-390");
        await ann.DisposeAsync();
        await page.HoldsAsync("!document.getElementById('chat').hidden", "seated when a seat is free");
        await bob.SendAsync(new ClientFrame("post", Ref: "1", Text: "Welcome"), CancellationToken.None);
        await page.HoldsAsync("document.getElementById('messages').textContent.includes('Welcome')", "what others say is shown");
        await page.PictureAsync("chat-390");
        await page.ReadAsync("window.scrollTo(0, 0)");
        await page.HoldsAsync("document.getElementById('text').getBoundingClientRect().bottom < window.innerHeight", "the message is typed on the first screen of a phone");
        await bob.DisposeAsync();

        Assert.Empty(page.Problems);
    }

    [Fact]
    public async Task Migrate_WhileChatting_ClimbsToTheTopAndLosesNothing()
    {
        var page = await browser.OpenAsync(_host.Server, width: 1280);
        await SeatAsync(page);

        await page.ClickAsync("#migrate");
        for (var number = 1; number <= 4; number++)
        {
            await SayAsync(page, $"Message {number}");
        }
        await page.HoldsAsync("document.querySelector('#ladder [aria-current=step] b')?.textContent === 'F'", "the last rung is reached");
        await page.HoldsAsync("document.getElementById('migrate').textContent === 'Migrated'", "the migration says that it is done");
        await SayAsync(page, "Message 5");
        await page.PictureAsync("migrated-1280");

        Assert.Equal("0", (await page.ReadAsync("[...document.querySelectorAll('#verification dt')].find(one => one.textContent === 'lost').nextElementSibling.textContent"))!.GetValue<string>());
        Assert.Empty(page.Problems);
    }

    [Fact]
    public async Task Switches_EachOffAndOn_AreShownAndTheChatGoesOn()
    {
        var page = await browser.OpenAsync(_host.Server, width: 1280);
        await SeatAsync(page);

        for (var number = 1; number <= 5; number++)
        {
            var one = $"#switches button:nth-child({number})";
            await page.ClickAsync(one);
            await page.HoldsAsync($"document.querySelector('{one}').getAttribute('aria-checked') === 'false'", $"switch {number} is off");
            await SayAsync(page, $"Off {number}");
            await page.ClickAsync(one);
            await page.HoldsAsync($"document.querySelector('{one}').getAttribute('aria-checked') === 'true'", $"switch {number} is on");
        }

        Assert.Empty(page.Problems);
    }

    [Theory]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task Page_AnyWidth_FitsHasNamesForEverythingAndTargetsLargeEnough(int width)
    {
        var page = await browser.OpenAsync(_host.Server, width);

        await page.PictureAsync($"page-{width}");
        Assert.InRange((await page.ReadAsync("document.documentElement.scrollWidth"))!.GetValue<int>(), 1, width);
        var small = (await page.ReadAsync("""
            [...document.querySelectorAll('button, select, input, [role=switch]')].filter(one => one.checkVisibility() && (one.offsetHeight < 24 || one.offsetWidth < 24)).map(one => one.outerHTML).join('\n')
            """))!.GetValue<string>();
        Assert.Equal("", small);
        var accessible = await page.AccessibleAsync();
        Assert.All(accessible.Where(static one => one.Role is "button" or "switch" or "textbox" or "combobox" or "link" or "progressbar" or "group" or "region"), static one => Assert.NotEqual("", one.Name));
        Assert.All(["main", "banner", "switch", "combobox", "textbox", "progressbar", "status"], role => Assert.Contains(accessible, one => one.Role == role));
        Assert.Empty(page.Problems);
    }

    private static async Task SeatAsync(BrowserPage page)
    {
        await page.ClickAsync("#nickname");
        await page.TypeAsync("Ada");
        await page.ClickAsync("#join button");
        await page.HoldsAsync("!document.getElementById('chat').hidden", "seated");
    }

    private static async Task SayAsync(BrowserPage page, string text)
    {
        await page.ClickAsync("#text");
        await page.TypeAsync(text);
        await page.PressAsync("Enter");
        await page.HoldsAsync($"document.getElementById('messages').textContent.includes('{text}')", $"'{text}' is shown");
    }
}
