using System.Collections.Concurrent;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using McpAspire.LocalEngine.Processes;
using McpAspire.LocalEngine.Running;
using McpAspire.TestKit;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;

namespace McpAspire.LocalEngine.Tests.Running;

public sealed class ResourceRunnerTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLauncher _launcher = new();
    private readonly StringWriter _said = new();
    private readonly CancellationTokenSource _stop = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private HostConsole Console() =>
        new(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Synchronized(_said)) }));

    private ResourceRunner Runner(FakeWorkload workload) => new(workload, _launcher, Console(), _time, HostServices.Create(Console(), null));

    [Fact]
    public async Task A_resource_that_always_crashes_is_given_up_on_after_five_restarts()
    {
        var runner = Runner(new FakeWorkload("service"));
        _launcher.OnStart = child => child.End(3);
        var life = runner.RunAsync(_stop.Token);
        await AdvanceUntilAsync(() => life.IsCompleted);
        Assert.Equal(ResourceState.GivenUp, runner.State);
        Assert.Equal(6, _launcher.Started.Count);
        Assert.True(runner.Settled.IsCompleted);
        Assert.False(runner.Usable.IsCompleted);
        Assert.Contains("given up", _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_of_a_minute_between_crashes_keeps_it_going()
    {
        var runner = Runner(new FakeWorkload("service"));
        _ = runner.RunAsync(_stop.Token);
        for (var crash = 0; crash < 8; crash++)
        {
            await AdvanceUntilAsync(() => _launcher.Started.Count == crash + 1 && runner.State == ResourceState.Healthy);
            var began = _time.GetUtcNow();
            await AdvanceUntilAsync(() => _time.GetUtcNow() - began > TimeSpan.FromSeconds(70));
            _launcher.Started.Last().End(1);
        }

        await AdvanceUntilAsync(() => _launcher.Started.Count == 9);
        Assert.NotEqual(ResourceState.GivenUp, runner.State);
    }

    [Fact]
    public async Task It_waits_until_those_that_it_needs_are_healthy()
    {
        var needed = new FakeWorkload("needed") { Problem = "not yet" };
        var first = Runner(needed);
        var second = Runner(new FakeWorkload("second"));
        second.Dependencies = [first];
        _ = first.RunAsync(_stop.Token);
        _ = second.RunAsync(_stop.Token);
        await AdvanceUntilAsync(() => _time.GetUtcNow() - _time.Start > TimeSpan.FromSeconds(30));
        Assert.Equal(ResourceState.Waiting, second.State);
        Assert.Single(_launcher.Started);

        needed.Problem = null;
        await AdvanceUntilAsync(() => second.State == ResourceState.Healthy);
    }

    [Fact]
    public async Task What_this_machine_cannot_run_holds_up_nobody()
    {
        var first = Runner(new FakeWorkload("first") { Obstacle = "no such program. Install it" });
        var second = Runner(new FakeWorkload("second"));
        second.Dependencies = [first];
        await first.RunAsync(_stop.Token);
        _ = second.RunAsync(_stop.Token);
        await AdvanceUntilAsync(() => second.State == ResourceState.Healthy);
        Assert.Equal(ResourceState.NotAvailable, first.State);
        Assert.Contains("not available: no such program. Install it", _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_to_be_done_when_it_is_ready_is_done_before_others_go_on_and_at_each_start()
    {
        var done = new TaskCompletionSource();
        var times = 0;
        var workload = new FakeWorkload("first");
        workload.Resource.Annotations.Add(new ResourceReadyAnnotation((ready, _) =>
        {
            Assert.Same(workload.Resource, ready.Resource);
            times++;
            return done.Task;
        }));
        var first = Runner(workload);
        var second = Runner(new FakeWorkload("second"));
        second.Dependencies = [first];
        _ = first.RunAsync(_stop.Token);
        _ = second.RunAsync(_stop.Token);
        await AdvanceUntilAsync(() => times == 1 && _time.GetUtcNow() - _time.Start > TimeSpan.FromSeconds(10));
        Assert.Equal(ResourceState.Waiting, second.State);
        Assert.Contains("waits for first", _said.ToString(), StringComparison.Ordinal);

        done.SetResult();
        await AdvanceUntilAsync(() => second.State == ResourceState.Healthy);
        _launcher.Started.First().End(1);
        await AdvanceUntilAsync(() => times == 2);
    }

    [Fact]
    public async Task What_fails_when_it_is_ready_is_said_and_ends_the_start()
    {
        var workload = new FakeWorkload("first");
        workload.Resource.Annotations.Add(new ResourceReadyAnnotation((_, _) => throw new FormatException("no such thing")));
        var runner = Runner(workload);
        var life = runner.RunAsync(_stop.Token);
        await AdvanceUntilAsync(() => life.IsCompleted);
        Assert.Equal(ResourceState.GivenUp, runner.State);
        Assert.Contains("no such thing", _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_of_health_are_said_once_each()
    {
        var workload = new FakeWorkload("service");
        var runner = Runner(workload);
        _ = runner.RunAsync(_stop.Token);
        await AdvanceUntilAsync(() => runner.State == ResourceState.Healthy);
        workload.Problem = "answers 503";
        await AdvanceUntilAsync(() => runner.State == ResourceState.Unhealthy);
        var since = _time.GetUtcNow();
        await AdvanceUntilAsync(() => _time.GetUtcNow() - since > TimeSpan.FromSeconds(20));
        workload.Problem = null;
        await AdvanceUntilAsync(() => runner.State == ResourceState.Healthy);
        Assert.Single(_said.ToString().Split("unhealthy: answers 503").Skip(1));
        Assert.Single(_said.ToString().Split("healthy again").Skip(1));
    }

    [Fact]
    public async Task What_cannot_be_prepared_is_given_up_on_with_its_reason()
    {
        var runner = Runner(new FakeWorkload("service") { Failure = new DistributedApplicationException("it is not built") });
        await runner.RunAsync(_stop.Token);
        Assert.Equal(ResourceState.GivenUp, runner.State);
        Assert.Contains("given up: it is not built", _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stack_that_cannot_start_stops_what_had_started_and_ends_with_an_error()
    {
        var good = Runner(new FakeWorkload("good"));
        var bad = Runner(new FakeWorkload("bad") { Failure = new DistributedApplicationException("it is not built") });
        using var signals = new StopSignals(_stop.Token);
        var run = new LocalStack([good, bad], Console(), _time).RunAsync(signals);
        await AdvanceUntilAsync(() => run.IsCompleted);
        Assert.Equal(1, await run);
        Assert.All(_launcher.Started, child => Assert.True(child.Exited.IsCompleted));
        Assert.DoesNotContain("Started in", _said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Those_that_nobody_needs_stop_first()
    {
        var (a, b, c, d) = (Runner(new FakeWorkload("a")), Runner(new FakeWorkload("b")), Runner(new FakeWorkload("c")), Runner(new FakeWorkload("d")));
        b.Dependencies = [a];
        c.Dependencies = [a, b];
        Assert.Equal(["cd", "b", "a"], StopOrder.Waves([a, b, c, d]).Select(wave => string.Concat(wave.Select(runner => runner.Name))));
    }

    [Fact]
    public void Those_that_wait_for_each_other_are_named()
    {
        var (a, b) = (Runner(new FakeWorkload("a")), Runner(new FakeWorkload("b")));
        a.Dependencies = [b];
        b.Dependencies = [a];
        Assert.Contains("a, b", Assert.Throws<DistributedApplicationException>(() => StopOrder.Waves([a, b])).Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _launcher.Dispose();
        _said.Dispose();
    }

    private Task AdvanceUntilAsync(Func<bool> condition) => Eventually.BeTrueAsync(
        async () =>
        {
            for (var i = 0; i < 20 && !condition(); i++)
            {
                _time.Advance(TimeSpan.FromMilliseconds(500));
                await Task.Delay(1, Cancellation);
            }

            return condition();
        },
        "the runner gets there",
        cancellationToken: Cancellation);

    private sealed class FakeWorkload(string name) : Workload(new ProjectResource(name)), IHealthProbe
    {
        internal string? Problem { get; set; }

        internal string? Obstacle { get; init; }

        internal Exception? Failure { get; init; }

        internal override IReadOnlyList<IHealthProbe> Probes => [this];

        public Task<string?> CheckAsync(CancellationToken cancellationToken) => Task.FromResult(Problem);

        internal override ValueTask<string?> FindObstacleAsync(CancellationToken cancellationToken) => new(Obstacle);

        internal override ValueTask<ProcessSpec> PrepareAsync(CancellationToken cancellationToken) =>
            Failure is null ? new(new ProcessSpec("none", [], "", new Dictionary<string, string>())) : throw Failure;
    }

    private sealed class FakeLauncher : ProcessLauncher
    {
        internal ConcurrentQueue<FakeChild> Started { get; } = new();

        internal Action<FakeChild> OnStart { get; set; } = _ => { };

        internal override IChildProcess Start(ProcessSpec spec, Action<string> output)
        {
            var child = new FakeChild();
            Started.Enqueue(child);
            OnStart(child);
            return child;
        }

        public override void Dispose()
        {
        }
    }

    private sealed class FakeChild : IChildProcess
    {
        private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Id => 1;

        public Task<int> Exited => _exited.Task;

        public void Terminate() => End(0);

        public void Kill() => End(137);

        internal void End(int exitCode) => _exited.TrySetResult(exitCode);
    }
}
